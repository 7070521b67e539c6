package conformance.react;

import com.facebook.react.bridge.NativeArgumentsParseException;
import com.facebook.react.bridge.NativeModule;
import com.facebook.react.bridge.ReactMethod;
import com.facebook.react.bridge.ReadableArray;
import com.facebook.react.bridge.ReadableMap;
import conformance.Loop;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.stream.Stream;
import org.json.JSONArray;

/**
 * The bridge, as in React Native 0.81 (JavaMethodWrapper.kt): calls run on the thread of the native modules, and an
 * exception there ends the app, be it that an argument does not fit or that the method throws.
 */
final class OldArchitecture implements Architecture {
    @Override
    public Stream<Method> exported(NativeModule module) {
        Method[] declared = module.getClass().getMethods();
        return Stream.of(declared).filter(method -> method.isAnnotationPresent(ReactMethod.class));
    }

    @Override
    public void call(NativeModule module, Method method, JSONArray arguments, JavaScriptPromise promise) {
        Loop.post(() -> run(module, method, Crossing.array(arguments), promise));
    }

    private static void run(NativeModule module, Method method, ReadableArray given, JavaScriptPromise promise) {
        try {
            Architecture.invoke(module, method, converted(method, given), promise);
        } catch (InvocationTargetException error) {
            if (error.getCause() instanceof RuntimeException) {
                throw (RuntimeException) error.getCause();
            }
            throw new RuntimeException("Could not invoke " + method.getName(), error);
        }
    }

    private static Object[] converted(Method method, ReadableArray given) {
        Object[] converted = new Object[Architecture.parameters(method)];
        if (given.size() != converted.length) {
            throw new NativeArgumentsParseException(
                    method.getName() + " got " + given.size() + " arguments, expected " + converted.length, null);
        }
        for (int i = 0; i < converted.length; i++) {
            converted[i] = converted(method, i, given);
        }
        return converted;
    }

    private static Object converted(Method method, int index, ReadableArray given) {
        try {
            return converted(method.getParameterTypes()[index], index, given);
        } catch (NullPointerException error) {
            String place = " (constructing arguments for " + method.getName() + " at argument index " + index + ")";
            throw new NativeArgumentsParseException(error.getMessage() + place, error);
        }
    }

    private static Object converted(Class<?> type, int index, ReadableArray given) {
        if (type == String.class) {
            return given.getString(index);
        }
        if (type == ReadableMap.class) {
            return given.getMap(index);
        }
        if (type == ReadableArray.class) {
            return given.getArray(index);
        }
        if (type == boolean.class || type == Boolean.class) {
            return given.getBoolean(index);
        }
        return type == int.class || type == Integer.class ? (Object) given.getInt(index) : given.getDouble(index);
    }
}
