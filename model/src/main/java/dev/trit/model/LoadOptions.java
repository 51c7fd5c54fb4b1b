package dev.trit.model;

import dev.trit.tensor.KvType;
import org.jspecify.annotations.Nullable;

/**
 * How to load a model.
 *
 * @param kernels {@code scalar}, {@code vector}, or null for the fastest that run here
 * @param threads size of the team that computes, at least 1
 * @param contextLength positions of a session that is not told otherwise; 0 for what the model was trained for
 * @param head how the output head is read where a token is chosen; null for {@link Head#EXACT}
 * @param kv how keys and values are held; null for {@link KvType#F32}
 */
public record LoadOptions(
        @Nullable String kernels,
        int threads,
        int contextLength,
        @Nullable Head head,
        @Nullable KvType kv) {
    /** With every row of the head read, and keys and values as computed. */
    public LoadOptions(@Nullable String kernels, int threads, int contextLength) {
        this(kernels, threads, contextLength, null, null);
    }

    public LoadOptions {
        if (threads < 1) {
            throw new ModelException("a model needs at least one thread, got " + threads);
        }
        if (contextLength < 0) {
            throw new ModelException("a context needs at least one position, got " + contextLength);
        }
    }

    /** The fastest kernels, every processor, the model's own context. */
    public static LoadOptions defaults() {
        return new LoadOptions(null, Runtime.getRuntime().availableProcessors(), 0);
    }

    public LoadOptions withKernels(@Nullable String name) {
        return new LoadOptions(name, threads, contextLength, head, kv);
    }

    public LoadOptions withThreads(int n) {
        return new LoadOptions(kernels, n, contextLength, head, kv);
    }

    public LoadOptions withContextLength(int n) {
        return new LoadOptions(kernels, threads, n, head, kv);
    }

    public LoadOptions withHead(@Nullable Head value) {
        return new LoadOptions(kernels, threads, contextLength, value, kv);
    }

    public LoadOptions withKv(@Nullable KvType value) {
        return new LoadOptions(kernels, threads, contextLength, head, value);
    }
}
