package conformance.react;

import com.facebook.react.bridge.NativeModule;
import com.facebook.react.bridge.ReadableArray;
import com.facebook.react.bridge.ReadableMap;
import com.facebook.react.bridge.UnexpectedNativeTypeException;
import conformance.Loop;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.json.JSONArray;
import org.json.JSONObject;

/**
 * Turbo modules, as in React Native 0.81 (JavaTurboModule.cpp): an argument that does not fit throws at the caller,
 * and what the method throws rejects its promise with an error that has a message and no code.
 */
final class NewArchitecture implements Architecture {
    @Override
    public Stream<Method> exported(NativeModule module) {
        Method[] declared = module.getClass().getSuperclass().getDeclaredMethods();
        return Stream.of(declared).filter(method -> Modifier.isAbstract(method.getModifiers()));
    }

    @Override
    public void call(NativeModule module, Method method, JSONArray arguments, JavaScriptPromise promise) {
        Object[] converted = new Object[Architecture.parameters(method)];
        if (arguments.length() != converted.length) {
            throw new JavaScriptError("TurboModule method \"" + method.getName() + "\" called with "
                    + arguments.length() + " arguments (expected argument count: " + converted.length + ").");
        }
        for (int i = 0; i < converted.length; i++) {
            converted[i] = converted(method, i, arguments.opt(i));
        }
        Loop.post(() -> run(module, method, converted, promise));
    }

    private static void run(NativeModule module, Method method, Object[] arguments, JavaScriptPromise promise) {
        try {
            Architecture.invoke(module, method, arguments, promise);
        } catch (InvocationTargetException error) {
            Throwable thrown = error.getCause();
            String text = Objects.toString(thrown.getMessage(), thrown.getClass().getCanonicalName());
            promise.reject(Map.of("message", JavaScriptError.PREFIX + text));
        }
    }

    private static Object converted(Method method, int index, Object given) {
        Class<?> type = method.getParameterTypes()[index];
        if (given == JSONObject.NULL && !type.isPrimitive()) {
            return null;
        }
        if (type == ReadableMap.class && given instanceof JSONArray) {
            throw new JavaScriptError(UnexpectedNativeTypeException.class.getName() + ": expected Map, got a array");
        }
        if (!wanted(type).isInstance(given)) {
            throw new JavaScriptError("Expected argument " + index + " of method \"" + method.getName()
                    + "\" to be a " + name(type) + ", but got " + described(given));
        }
        return Crossing.toJava(given);
    }

    /** What org.json has for a parameter's type. */
    private static Class<?> wanted(Class<?> type) {
        if (type == String.class) {
            return String.class;
        }
        if (type == ReadableMap.class) {
            return JSONObject.class;
        }
        if (type == ReadableArray.class) {
            return JSONArray.class;
        }
        return type == boolean.class || type == Boolean.class ? Boolean.class : Number.class;
    }

    private static String name(Class<?> type) {
        if (type == ReadableMap.class) {
            return "Object";
        }
        if (type == ReadableArray.class) {
            return "Array";
        }
        return wanted(type).getSimpleName().toLowerCase(Locale.ROOT);
    }

    private static String described(Object given) {
        if (given == JSONObject.NULL) {
            return "null";
        }
        if (given instanceof Boolean) {
            return "a boolean (" + given + ")";
        }
        if (given instanceof Number) {
            return "a number (" + given + ")";
        }
        return given instanceof String ? "a string (\"" + given + "\")" : "an object";
    }
}
