package com.example;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;

/** Answers each request with a greeting, and logs its path. */
public final class App {
  private static final Logger LOG = LogManager.getLogger(App.class);
  private static final byte[] GREETING = "Hello\n".getBytes(StandardCharsets.UTF_8);

  private App() {}

  public static void main(String[] args) throws IOException {
    HttpServer server = HttpServer.create(new InetSocketAddress(8080), 0);
    server.createContext(
        "/",
        exchange -> {
          LOG.info("{} {}", exchange.getRequestMethod(), exchange.getRequestURI().getPath());
          exchange.sendResponseHeaders(200, GREETING.length);
          exchange.getResponseBody().write(GREETING);
          exchange.close();
        });
    server.start();
  }
}
