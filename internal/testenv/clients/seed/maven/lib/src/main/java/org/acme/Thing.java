package org.acme; public class Thing {}
