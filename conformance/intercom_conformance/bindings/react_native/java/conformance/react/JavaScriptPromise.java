package conformance.react;

import java.util.function.Consumer;

/** A promise on the JavaScript side: its first outcome counts. */
final class JavaScriptPromise {
    private final Consumer<Object> resolved;
    private final Consumer<Object> rejected;
    private boolean settled;

    JavaScriptPromise(Consumer<Object> resolved, Consumer<Object> rejected) {
        this.resolved = resolved;
        this.rejected = rejected;
    }

    void resolve(Object value) {
        settle(resolved, value);
    }

    void reject(Object error) {
        settle(rejected, error);
    }

    private void settle(Consumer<Object> outcome, Object value) {
        if (!settled) {
            settled = true;
            outcome.accept(value);
        }
    }
}
