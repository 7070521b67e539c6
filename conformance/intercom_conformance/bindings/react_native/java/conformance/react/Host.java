package conformance.react;

import android.app.Application;
import com.facebook.react.ReactPackage;
import com.facebook.react.bridge.NativeModule;
import com.facebook.react.bridge.ReactApplicationContext;
import java.lang.reflect.Method;
import java.util.Map;
import java.util.Set;
import org.json.JSONArray;

/** A running React Native app with the package's module, on one of the two architectures. */
final class Host {
    private static final String PACKAGE = "com.intercom.reactnative.IntercomPackage";
    private static final String MODULE = "IntercomModule";

    private final Architecture architecture;
    private final NativeModule module;
    private final Map<String, Method> methods;

    Host(String architecture) throws Exception {
        ReactPackage found = (ReactPackage) Class.forName(PACKAGE).getConstructor().newInstance();
        this.architecture = Architecture.of(architecture);
        this.module = found.createNativeModules(new ReactApplicationContext(new Application())).stream()
                .filter(each -> MODULE.equals(each.getName())).findFirst().orElseThrow();
        this.methods = this.architecture.methods(module);
    }

    /** The names of the methods that JavaScript finds. */
    Set<String> methods() {
        return methods.keySet();
    }

    /** How many arguments JavaScript gives to a method. */
    int parameters(String method) {
        return Architecture.parameters(methods.get(method));
    }

    /** JavaScript calls a method of the module; what this throws, JavaScript throws at the caller. */
    void call(String method, JSONArray arguments, JavaScriptPromise promise) {
        if (!methods.containsKey(method)) {
            throw new IllegalArgumentException("The native module has no method " + method + ".");
        }
        architecture.call(module, methods.get(method), arguments, promise);
    }
}
