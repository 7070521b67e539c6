package conformance;

import java.util.List;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.TimeUnit;

/** A thread pool whose only thread is the app's. */
public final class Pool extends AbstractExecutorService {
    @Override public void execute(Runnable task) {
        Loop.post(task);
    }

    @Override public void shutdown() {}

    @Override public List<Runnable> shutdownNow() {
        return List.of();
    }

    @Override public boolean isShutdown() {
        return false;
    }

    @Override public boolean isTerminated() {
        return false;
    }

    @Override public boolean awaitTermination(long time, TimeUnit unit) {
        return false;
    }
}
