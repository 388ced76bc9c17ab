package org.acme;

import org.apache.maven.plugin.AbstractMojo;
import org.apache.maven.plugins.annotations.Mojo;

@Mojo(name = "hello", requiresProject = false)
public class Hello extends AbstractMojo {
  public void execute() {
    getLog().info("hello from acme");
  }
}
