package dev.trit.serve;

import dev.trit.format.FormatException;
import dev.trit.model.ModelException;
import dev.trit.tensor.TensorException;
import dev.trit.text.TextException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The models of a server: loaded when a request first names them, and taken out of memory, longest unused first, when
 * another needs the room. A model in use stays.
 */
final class ModelPool {
    private static final Logger LOG = System.getLogger("dev.trit.serve");
    private static final Duration LATER = Duration.ofSeconds(5);

    private final ServeOptions options;
    private final Map<String, Slot> slots = new LinkedHashMap<>();
    private final ReentrantLock loading =
            new ReentrantLock(); // one at a time: they compete for the same disk and memory
    private boolean closing; // guarded by this

    /** One model that may be served; guarded by the pool, bytes and source apart. */
    private static final class Slot {
        final ModelSource source;
        final long bytes;

        @Nullable LoadedModel model;

        int users;
        long lastUsed;

        Slot(ModelSource source, long bytes) {
            this.source = source;
            this.bytes = bytes;
        }
    }

    /** The right to use a model until closed. */
    final class Lease implements AutoCloseable {
        private final Slot slot;
        private final LoadedModel model;

        private Lease(Slot slot, LoadedModel model) {
            this.slot = slot;
            this.model = model;
        }

        LoadedModel get() {
            return model;
        }

        @Override
        public void close() {
            synchronized (ModelPool.this) {
                slot.users--;
                slot.lastUsed = System.nanoTime();
                ModelPool.this.notifyAll();
            }
        }
    }

    /** @throws ServeException if there is none, or two of one name */
    ModelPool(List<ModelSource> sources, ServeOptions options) {
        this.options = options;
        for (ModelSource source : sources) {
            if (slots.put(source.id(), new Slot(source, size(source.path()))) != null) {
                throw ServeException.atStart("two models are called '" + source.id() + "': name them NAME=MODEL", null);
            }
        }
        if (slots.isEmpty()) {
            throw ServeException.atStart("no model to serve", null);
        }
    }

    /** Names of all models, the default first. */
    List<String> ids() {
        return List.copyOf(slots.keySet());
    }

    /** Models in memory. */
    synchronized List<LoadedModel> loaded() {
        return slots.values().stream()
                .flatMap(slot -> Optional.ofNullable(slot.model).stream())
                .toList();
    }

    /**
     * A model, loaded if it is not.
     *
     * @param id null for the first one
     * @throws ServeException if there is none of that name, no room for it, or it cannot be loaded
     */
    Lease lease(@Nullable String id) {
        Slot slot = id == null ? slots.values().iterator().next() : slots.get(id);
        if (slot == null) {
            throw ServeException.noModel("the model '" + id + "' does not exist here: there are " + ids());
        }
        Lease lease = leaseLoaded(slot);
        if (lease != null) {
            return lease;
        }
        loading.lock();
        try {
            lease = leaseLoaded(slot); // another request may have loaded it meanwhile
            if (lease != null) {
                return lease;
            }
            makeRoom(slot);
            LoadedModel model = load(slot.source);
            synchronized (this) {
                slot.model = model;
                slot.users++;
                return new Lease(slot, model);
            }
        } finally {
            loading.unlock();
        }
    }

    private synchronized @Nullable Lease leaseLoaded(Slot slot) {
        if (closing) {
            throw ServeException.unavailable("the server is shutting down", LATER);
        }
        if (slot.model == null) {
            return null;
        }
        slot.users++;
        return new Lease(slot, slot.model);
    }

    private LoadedModel load(ModelSource source) {
        long began = System.nanoTime();
        try {
            LoadedModel model = LoadedModel.load(source, options);
            LOG.log(
                    Level.INFO,
                    "loaded {0} in {1} ms",
                    source.id(),
                    String.valueOf((System.nanoTime() - began) / 1_000_000));
            return model;
        } catch (FormatException | ModelException | TextException | TensorException | UncheckedIOException e) {
            LOG.log(Level.WARNING, "{0} cannot be loaded: {1}", source.id(), e.getMessage());
            throw ServeException.internal(
                    "the model '" + source.id() + "' cannot be loaded: the server's log says why", e);
        }
    }

    /** Takes models out of memory until {@code wanted} fits. */
    private void makeRoom(Slot wanted) {
        long budget = options.memoryBudgetBytes() > 0 ? options.memoryBudgetBytes() : Long.MAX_VALUE;
        if (wanted.bytes > budget) {
            throw ServeException.unavailable(
                    "the model '%s' needs %,d bytes, the server may use %,d"
                            .formatted(wanted.source.id(), wanted.bytes, budget),
                    LATER);
        }
        while (true) {
            LoadedModel evicted;
            synchronized (this) {
                long used = slots.values().stream()
                        .filter(slot -> slot.model != null)
                        .mapToLong(slot -> slot.bytes)
                        .sum();
                if (used <= budget - wanted.bytes) {
                    return;
                }
                Slot idle = slots.values().stream()
                        .filter(slot -> slot.model != null && slot.users == 0)
                        .min(Comparator.comparingLong(slot -> slot.lastUsed))
                        .orElseThrow(() -> ServeException.unavailable(
                                "no memory for the model '" + wanted.source.id() + "' while others are in use", LATER));
                evicted = idle.model;
                idle.model = null;
            }
            if (evicted != null) {
                LOG.log(Level.INFO, "unloading {0} to make room", evicted.id());
                evicted.close(Duration.ZERO);
            }
        }
    }

    /** Refuses new requests, waits for those that run, then frees all models. */
    void close(Duration grace) {
        long end = System.nanoTime() + grace.toNanos();
        synchronized (this) {
            closing = true;
            while (slots.values().stream().anyMatch(slot -> slot.users > 0) && end - System.nanoTime() > 0) {
                try {
                    wait(Math.max(1, (end - System.nanoTime()) / 1_000_000));
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    break;
                }
            }
        }
        loading.lock();
        try {
            for (LoadedModel model : loaded()) {
                model.close(Duration.ofMillis(1));
            }
        } finally {
            loading.unlock();
        }
    }

    synchronized boolean isClosing() {
        return closing;
    }

    private static long size(Path path) {
        try (Stream<Path> files = Files.walk(path)) {
            long bytes = 0;
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                bytes += Files.size(file);
            }
            return bytes;
        } catch (IOException e) {
            throw ServeException.atStart(path + " cannot be read: " + e.getMessage(), e);
        }
    }
}
