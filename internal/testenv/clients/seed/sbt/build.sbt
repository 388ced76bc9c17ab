organization := "seed"
name := "thing"
version := "1.0"
crossPaths := false
autoScalaLibrary := false
publishTo := Some(Resolver.file("out", file("target/out")))
