import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * The driver's side of the wire: JSON-RPC 2.0, one message a line. Written by intercom-conformance {{version}}; it
 * stays as it is. One thread does everything, so that an answer never races with the work that leads to it.
 */
public final class Wire {
  private static final String PROTOCOL = "1.0";
  private static final PrintStream OUT = System.out;
  private static final BufferedReader IN =
      new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));

  private static Thread thread;
  private static Binding binding;
  private static App app;
  private static int requests;

  private Wire() {}

  /** What a driver says of its binding. */
  public interface Binding {
    /** How it introduces itself: the keys of initialize-result in the protocol's schema. */
    Map<String, Object> describe();

    /** Makes it new, as in a newly installed app, with this bridge. */
    void reset(Bridge bridge);

    /** Calls a method as an app does; null if it returns nothing. A callback that the app does not give is null. */
    Object call(String method, Arguments arguments, Callback success, Callback error);

    /** Whether its own threads and timers have nothing left to do; asked until they have not. */
    default boolean idle() {
      return true;
    }
  }

  /** An app's callback, or a bridge's: run with no value or with one. */
  public interface Callback {
    void run(Object... values);
  }

  /** Where the native SDK would be. */
  public interface Bridge {
    /** Asks the native SDK, from any thread. A callback tells the answer later, an error as code and message. */
    void ask(String method, Callback success, Callback error, Object... arguments);
  }

  /** What an app gives a method. */
  public record Arguments(List<?> given) {
    /** One argument, null if the app left it out. */
    public Object at(int index) {
      return index < given.size() ? given.get(index) : null;
    }
  }

  /** Runs a piece of work on the wire's thread, before the request at hand is answered. */
  public static void post(Runnable work) {
    app.due.add(work);
  }

  /** Serves the binding until the kit says shutdown or closes the input. */
  public static void serve(Binding served) {
    System.setOut(System.err);
    thread = Thread.currentThread();
    binding = served;
    app = new App();
    Thread.setDefaultUncaughtExceptionHandler((where, error) -> uncaught(where, error));
    while (true) {
      respond(read());
    }
  }

  private static void uncaught(Thread where, Throwable error) {
    app.crashed(error);
    if (where == thread) {
      System.exit(1);
    }
  }

  private static Map<?, ?> read() {
    try {
      String line = IN.readLine();
      if (line == null) {
        System.exit(0);
      }
      return (Map<?, ?>) Json.read(line);
    } catch (IOException error) {
      throw new UncheckedIOException(error);
    }
  }

  private static void send(Map<String, ?> content) {
    Map<String, Object> message = new LinkedHashMap<>(Map.of("jsonrpc", "2.0"));
    message.putAll(content);
    OUT.writeBytes((Json.write(message) + "\n").getBytes(StandardCharsets.UTF_8));
    OUT.flush();
  }

  private static void respond(Map<?, ?> request) {
    Map<String, Object> response = new LinkedHashMap<>();
    response.put("id", request.get("id"));
    try {
      response.put("result", result((String) request.get("method"), (Map<?, ?>) request.get("params")));
    } catch (NoSuchMethodException error) {
      response.put("error", Map.of("code", -32601, "message", "This driver does not serve " + error.getMessage()));
    } catch (Exception error) {
      response.put("error", Map.of("code", -32000, "message", String.valueOf(error)));
    }
    send(response);
    if ("shutdown".equals(request.get("method"))) {
      System.exit(0);
    }
  }

  private static Map<String, ?> result(String method, Map<?, ?> params) throws Exception {
    return switch (method) {
      case "initialize" -> initialize((String) params.get("protocol"));
      case "reset" -> reset();
      case "call" -> app.call(params);
      case "answer" -> app.answer(params);
      case "shutdown" -> Map.of();
      default -> throw new NoSuchMethodException(method);
    };
  }

  private static Map<String, ?> initialize(String protocol) {
    if (!PROTOCOL.equals(protocol)) {
      throw new IllegalArgumentException("This driver speaks protocol " + PROTOCOL + ", not " + protocol + ".");
    }
    Map<String, Object> told = new LinkedHashMap<>(Map.of("protocol", PROTOCOL, "kind", "wrapper"));
    told.putAll(binding.describe());
    return told;
  }

  private static Map<String, ?> reset() throws InterruptedException {
    app = new App();
    binding.reset(app);
    app.react();
    return Map.of();
  }

  /** A newly installed app; what an earlier one still does reaches nobody. */
  private static final class App implements Bridge {
    private final BlockingQueue<Runnable> due = new LinkedBlockingQueue<>();
    private final Queue<Map<String, ?>> settled = new ConcurrentLinkedQueue<>();
    private final Map<String, Callback[]> held = new HashMap<>();
    private volatile Map<String, ?> thrown;
    private Object returned;

    Map<String, ?> call(Map<?, ?> params) throws InterruptedException {
      List<?> given = (List<?>) params.get("callbacks");
      Callback success = given.contains("success") ? callback(params.get("call"), "success") : null;
      Callback error = given.contains("error") ? callback(params.get("call"), "error") : null;
      Arguments arguments = new Arguments((List<?>) params.get("arguments"));
      guarded(() -> returned = binding.call((String) params.get("method"), arguments, success, error));
      return react();
    }

    private Callback callback(Object call, String kind) {
      return values -> {
        Map<String, Object> run = new LinkedHashMap<>(Map.of("call", call, "callback", kind));
        if (values == null || values.length > 0) {
          run.put("value", values == null ? null : values[0]);
        }
        settled.add(run);
      };
    }

    Map<String, ?> answer(Map<?, ?> params) throws InterruptedException {
      Callback[] waiting = held.remove((String) params.get("ticket"));
      if (waiting == null) {
        throw new IllegalStateException("No native request is held under ticket " + params.get("ticket") + ".");
      }
      finish(waiting, params, params.get("error"));
      return react();
    }

    @Override
    public void ask(String method, Callback success, Callback error, Object... arguments) {
      List<Object> given = arguments == null ? Arrays.asList((Object) null) : Arrays.asList(arguments);
      Runnable asking = () -> asked(method, given, new Callback[] {success, error});
      if (Thread.currentThread() == thread) {
        asking.run();
      } else {
        due.add(asking);
      }
    }

    /** The kit answers a native request before it says anything else. */
    private void asked(String method, List<Object> arguments, Callback[] waiting) {
      if (this != app) {
        return;
      }
      requests += 1;
      Map<String, ?> params = Map.of("method", method, "arguments", arguments);
      send(Map.of("id", "n" + requests, "method", "native", "params", params));
      Map<?, ?> reply = read();
      Map<?, ?> result = (Map<?, ?>) reply.get("result");
      Map<?, ?> error = (Map<?, ?>) reply.get("error");
      if (result != null && result.containsKey("held")) {
        held.put((String) result.get("held"), waiting);
      } else {
        finish(waiting, result, error == null ? null : error.get("data"));
      }
    }

    private void finish(Callback[] waiting, Map<?, ?> result, Object error) {
      Callback chosen = waiting[error == null ? 0 : 1];
      if (chosen == null) {
        return;
      }
      if (error != null) {
        due.add(() -> chosen.run(error));
      } else if (result.containsKey("value")) {
        due.add(() -> chosen.run(result.get("value")));
      } else {
        due.add(chosen::run);
      }
    }

    /** Everything that an app sees until nothing is left to do but wait for the kit. */
    Map<String, ?> react() throws InterruptedException {
      for (Runnable work = next(); work != null; work = next()) {
        guarded(work);
      }
      Map<String, Object> reaction = new LinkedHashMap<>();
      if (thrown != null) {
        reaction.put("thrown", thrown);
      } else if (returned != null) {
        reaction.put("returned", returned);
      }
      List<Object> ran = new ArrayList<>();
      for (Object run = settled.poll(); run != null; run = settled.poll()) {
        ran.add(run);
      }
      reaction.put("settled", ran);
      thrown = null;
      returned = null;
      return reaction;
    }

    private Runnable next() throws InterruptedException {
      while (true) {
        boolean idle = binding.idle();
        Runnable work = due.poll(idle ? 0 : 1, TimeUnit.MILLISECONDS);
        if (work != null || idle) {
          return work;
        }
      }
    }

    private void guarded(Runnable work) {
      try {
        work.run();
      } catch (Throwable error) {
        crashed(error);
      }
    }

    void crashed(Throwable error) {
      error.printStackTrace();
      if (thrown == null) {
        thrown = Map.of("type", error.getClass().getSimpleName(), "message", String.valueOf(error.getMessage()));
      }
    }
  }
}
