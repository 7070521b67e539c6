package conformance.react;

import com.facebook.react.bridge.NativeModule;
import com.facebook.react.bridge.Promise;
import com.facebook.react.bridge.PromiseImpl;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.json.JSONArray;

/** How JavaScript's calls reach the methods of a native module, and how exceptions come back. */
interface Architecture {
    /** The methods that JavaScript finds in a module, all of which give promises. */
    Stream<Method> exported(NativeModule module);

    /** Calls a method; what this throws, JavaScript throws at the caller. */
    void call(NativeModule module, Method method, JSONArray arguments, JavaScriptPromise promise);

    static Architecture of(String name) {
        return "new".equals(name) ? new NewArchitecture() : new OldArchitecture();
    }

    /** The methods by their names. */
    default Map<String, Method> methods(NativeModule module) {
        Map<String, Method> methods = new LinkedHashMap<>();
        exported(module).filter(Architecture::promises).forEach(method -> methods.put(method.getName(), method));
        return methods;
    }

    /** How many arguments JavaScript gives to a method. */
    static int parameters(Method method) {
        return method.getParameterCount() - 1;
    }

    private static boolean promises(Method method) {
        Class<?>[] types = method.getParameterTypes();
        return types.length > 0 && types[types.length - 1] == Promise.class;
    }

    /** Runs the method; what it throws comes as the cause. */
    static void invoke(NativeModule module, Method method, Object[] arguments, JavaScriptPromise promise)
            throws InvocationTargetException {
        Object[] all = Arrays.copyOf(arguments, arguments.length + 1);
        all[arguments.length] = new PromiseImpl(
                given -> promise.resolve(Crossing.toJavaScript(given[0])),
                given -> promise.reject(Crossing.toJavaScript(given[0])));
        try {
            method.invoke(module, all);
        } catch (IllegalAccessException error) {
            throw new RuntimeException("Could not invoke " + method.getName(), error);
        }
    }
}
