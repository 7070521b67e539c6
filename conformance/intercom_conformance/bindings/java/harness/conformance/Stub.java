package conformance;

import java.lang.reflect.Proxy;
import java.util.Map;
import java.util.function.Function;

/** An object of an interface that has only some of its methods; calling another one tells that it is missing. */
public final class Stub {
    private Stub() {}

    /** The object; each method by its name, as a function of its arguments. */
    public static <T> T of(Class<T> type, Map<String, Function<Object[], Object>> methods) {
        Object proxy = Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (self, method, arguments) -> {
            Function<Object[], Object> found = methods.get(method.getName());
            if (found == null) {
                throw new UnsupportedOperationException("The stub has no " + type.getSimpleName() + "." + method.getName());
            }
            return found.apply(arguments);
        });
        return type.cast(proxy);
    }
}
