import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * JSON to and from plain Java: Map, List, String, Long, BigInteger, Double, Boolean, null. Written by
 * intercom-conformance {{version}}; it stays as it is.
 */
final class Json {
  private final String text;
  private int at;

  private Json(String text) {
    this.text = text;
  }

  static Object read(String text) {
    return new Json(text).value();
  }

  private Object value() {
    return switch (peek()) {
      case '{' -> object();
      case '[' -> list();
      case '"' -> string();
      case 't' -> word("true", true);
      case 'f' -> word("false", false);
      case 'n' -> word("null", null);
      default -> number();
    };
  }

  private char peek() {
    while (Character.isWhitespace(text.charAt(at))) {
      at += 1;
    }
    return text.charAt(at);
  }

  /** Whether the next sign is this one, which is then passed. */
  private boolean passed(char sign) {
    boolean there = peek() == sign;
    at += there ? 1 : 0;
    return there;
  }

  private void expect(char sign) {
    if (!passed(sign)) {
      throw new IllegalArgumentException("expected " + sign + " at " + at);
    }
  }

  private Map<String, Object> object() {
    Map<String, Object> read = new LinkedHashMap<>();
    expect('{');
    while (!passed('}')) {
      String key = string();
      expect(':');
      read.put(key, value());
      passed(',');
    }
    return read;
  }

  private List<Object> list() {
    List<Object> read = new ArrayList<>();
    expect('[');
    while (!passed(']')) {
      read.add(value());
      passed(',');
    }
    return read;
  }

  private String string() {
    StringBuilder read = new StringBuilder();
    expect('"');
    for (char sign = text.charAt(at++); sign != '"'; sign = text.charAt(at++)) {
      read.append(sign == '\\' ? escaped(text.charAt(at++)) : sign);
    }
    return read.toString();
  }

  private char escaped(char sign) {
    if (sign == 'u') {
      at += 4;
      return (char) Integer.parseInt(text.substring(at - 4, at), 16);
    }
    int special = "bfnrt".indexOf(sign);
    return special < 0 ? sign : "\b\f\n\r\t".charAt(special);
  }

  private Object word(String word, Object meant) {
    if (!text.startsWith(word, at)) {
      throw new IllegalArgumentException("expected " + word + " at " + at);
    }
    at += word.length();
    return meant;
  }

  private Object number() {
    int start = at;
    while (at < text.length() && "+-.eE0123456789".indexOf(text.charAt(at)) >= 0) {
      at += 1;
    }
    String digits = text.substring(start, at);
    if (digits.matches("-?\\d+")) {
      BigInteger whole = new BigInteger(digits);
      return whole.bitLength() < Long.SIZE ? (Object) whole.longValue() : whole;
    }
    return Double.valueOf(digits);
  }

  static String write(Object value) {
    StringBuilder written = new StringBuilder();
    write(value, written);
    return written.toString();
  }

  private static void write(Object value, StringBuilder to) {
    if (value instanceof Map<?, ?> map) {
      write(map, to);
    } else if (value instanceof Iterable<?> items) {
      write(items, to);
    } else if (value instanceof String string) {
      write(string, to);
    } else if (value == null || value instanceof Boolean || finite(value)) {
      to.append(value);
    } else {
      write(Map.of("unserialisable", String.valueOf(value)), to);
    }
  }

  private static boolean finite(Object value) {
    if (value instanceof Double || value instanceof Float) {
      return Double.isFinite(((Number) value).doubleValue());
    }
    return value instanceof Number;
  }

  private static void write(Map<?, ?> map, StringBuilder to) {
    String before = "{";
    for (Map.Entry<?, ?> entry : map.entrySet()) {
      write(String.valueOf(entry.getKey()), to.append(before));
      write(entry.getValue(), to.append(':'));
      before = ",";
    }
    to.append(map.isEmpty() ? "{}" : "}");
  }

  private static void write(Iterable<?> items, StringBuilder to) {
    String before = "[";
    for (Object item : items) {
      write(item, to.append(before));
      before = ",";
    }
    to.append(before.equals("[") ? "[]" : "]");
  }

  /** Everything beyond ASCII is escaped, half of a surrogate pair included. */
  private static void write(String string, StringBuilder to) {
    to.append('"');
    for (char sign : string.toCharArray()) {
      if (sign == '"' || sign == '\\') {
        to.append('\\').append(sign);
      } else if (sign < ' ' || sign > '~') {
        to.append(String.format("\\u%04x", (int) sign));
      } else {
        to.append(sign);
      }
    }
    to.append('"');
  }
}
