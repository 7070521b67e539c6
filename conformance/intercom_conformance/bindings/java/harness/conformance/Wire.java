package conformance;

import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.json.JSONObject;

/** The kit's JSON-RPC over stdin and stdout, one message a line. */
final class Wire {
    private final BufferedReader in =
            new BufferedReader(new InputStreamReader(new FileInputStream(FileDescriptor.in), StandardCharsets.UTF_8));
    private final OutputStream out = new FileOutputStream(FileDescriptor.out);

    /** The next message; null at the end of the input. */
    JSONObject read() {
        try {
            String line = in.readLine();
            return line == null ? null : (JSONObject) Json.parsed(line);
        } catch (IOException error) {
            throw new UncheckedIOException(error);
        }
    }

    void request(String id, String method, Map<String, ?> params) {
        Map<String, Object> message = new LinkedHashMap<>();
        message.put("id", id);
        message.put("method", method);
        message.put("params", params);
        send(message);
    }

    void notification(String method, Map<String, ?> params) {
        Map<String, Object> message = new LinkedHashMap<>();
        message.put("method", method);
        message.put("params", params);
        send(message);
    }

    void result(Object id, Object result) {
        Map<String, Object> message = new LinkedHashMap<>();
        message.put("id", id);
        message.put("result", result);
        send(message);
    }

    void error(Object id, int code, String text) {
        Map<String, Object> message = new LinkedHashMap<>();
        message.put("id", id);
        message.put("error", Map.of("code", code, "message", String.valueOf(text)));
        send(message);
    }

    private void send(Map<String, Object> message) {
        message.put("jsonrpc", "2.0");
        try {
            out.write((Json.text(message) + "\n").getBytes(StandardCharsets.US_ASCII));
            out.flush();
        } catch (IOException error) {
            throw new UncheckedIOException(error);
        }
    }
}
