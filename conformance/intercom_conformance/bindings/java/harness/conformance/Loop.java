package conformance;

import java.util.ArrayDeque;
import java.util.Queue;

/**
 * The one thread of the app. What a device spreads over its UI thread, its thread pools and its handlers runs here,
 * one after another in the order in which it was posted; so a run has one order, and its end can be seen.
 */
public final class Loop {
    private static final Queue<Runnable> QUEUE = new ArrayDeque<>();

    private Loop() {}

    public static void post(Runnable task) {
        QUEUE.add(task);
    }

    /** Runs until nothing is left. What a task throws ends the app, and with it what still waits. */
    static void drain() {
        for (Runnable task = QUEUE.poll(); task != null; task = QUEUE.poll()) {
            try {
                task.run();
            } catch (Throwable error) {
                Reaction.crash(error);
                QUEUE.clear();
            }
        }
    }

    static void clear() {
        QUEUE.clear();
    }
}
