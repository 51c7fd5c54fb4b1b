package dev.trit.serve;

import dev.trit.model.Embedder;
import dev.trit.model.Head;
import dev.trit.tensor.KvType;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How to serve. {@code ServeOptions.defaults().withPort(0)}.
 *
 * @param host address to listen on; other machines reach it only if it is not a loopback address
 * @param port 0 for any that is free
 * @param apiKeys one of them must come with each request; empty: none is asked for
 * @param corsOrigins origins whose pages may call, {@code *} for all; empty: only our own page
 * @param parallel sequences that generate at the same time, per model
 * @param contextLength positions of a sequence; 0 for the model's own
 * @param maxQueue requests that wait at most, per model
 * @param maxTokens generated for one choice at most; 0 for as many as the context holds
 * @param maxBodyBytes of a request
 * @param timeLimit of a request, from its arrival to its last token
 * @param patience with a client that is slow: to send its headers and its body, and to take each piece of the answer
 * @param memoryBudgetBytes weights of loaded models together; 0 for no limit
 * @param grace for running streams when the server is stopped
 * @param pooling of embeddings where the request does not say
 * @param threads that compute, per model
 * @param kernels {@code native}, {@code vector}, {@code scalar}, or null for the fastest
 * @param head how the output head is read where a token is chosen, or null for all of it
 * @param kv how keys and values are held, or null for float32
 */
public record ServeOptions(
        String host,
        int port,
        List<String> apiKeys,
        List<String> corsOrigins,
        int parallel,
        int contextLength,
        int maxQueue,
        int maxTokens,
        int maxBodyBytes,
        Duration timeLimit,
        Duration patience,
        long memoryBudgetBytes,
        Duration grace,
        Embedder.Pooling pooling,
        int threads,
        @Nullable String kernels,
        @Nullable Head head,
        @Nullable KvType kv) {
    public ServeOptions {
        apiKeys = List.copyOf(apiKeys);
        corsOrigins = List.copyOf(corsOrigins);
    }

    /** 127.0.0.1:8080, no key, four sequences, a queue of 64, 4 MiB, ten minutes, a minute of patience, thirty seconds to finish. */
    public static ServeOptions defaults() {
        return new ServeOptions(
                "127.0.0.1",
                8080,
                List.of(),
                List.of(),
                4,
                0,
                64,
                0,
                4 << 20,
                Duration.ofMinutes(10),
                Duration.ofMinutes(1),
                0,
                Duration.ofSeconds(30),
                Embedder.Pooling.MEAN,
                Runtime.getRuntime().availableProcessors(),
                null,
                null,
                null);
    }

    public ServeOptions withPort(int value) {
        return new ServeOptions(
                host,
                value,
                apiKeys,
                corsOrigins,
                parallel,
                contextLength,
                maxQueue,
                maxTokens,
                maxBodyBytes,
                timeLimit,
                patience,
                memoryBudgetBytes,
                grace,
                pooling,
                threads,
                kernels,
                head,
                kv);
    }

    public ServeOptions withApiKeys(List<String> value) {
        return new ServeOptions(
                host,
                port,
                value,
                corsOrigins,
                parallel,
                contextLength,
                maxQueue,
                maxTokens,
                maxBodyBytes,
                timeLimit,
                patience,
                memoryBudgetBytes,
                grace,
                pooling,
                threads,
                kernels,
                head,
                kv);
    }

    public ServeOptions withCorsOrigins(List<String> value) {
        return new ServeOptions(
                host,
                port,
                apiKeys,
                value,
                parallel,
                contextLength,
                maxQueue,
                maxTokens,
                maxBodyBytes,
                timeLimit,
                patience,
                memoryBudgetBytes,
                grace,
                pooling,
                threads,
                kernels,
                head,
                kv);
    }

    public ServeOptions withParallel(int value) {
        return new ServeOptions(
                host,
                port,
                apiKeys,
                corsOrigins,
                value,
                contextLength,
                maxQueue,
                maxTokens,
                maxBodyBytes,
                timeLimit,
                patience,
                memoryBudgetBytes,
                grace,
                pooling,
                threads,
                kernels,
                head,
                kv);
    }

    public ServeOptions withTimeLimit(Duration value) {
        return new ServeOptions(
                host,
                port,
                apiKeys,
                corsOrigins,
                parallel,
                contextLength,
                maxQueue,
                maxTokens,
                maxBodyBytes,
                value,
                patience,
                memoryBudgetBytes,
                grace,
                pooling,
                threads,
                kernels,
                head,
                kv);
    }

    public ServeOptions withPatience(Duration value) {
        return new ServeOptions(
                host,
                port,
                apiKeys,
                corsOrigins,
                parallel,
                contextLength,
                maxQueue,
                maxTokens,
                maxBodyBytes,
                timeLimit,
                value,
                memoryBudgetBytes,
                grace,
                pooling,
                threads,
                kernels,
                head,
                kv);
    }

    public ServeOptions withContextLength(int value) {
        return new ServeOptions(
                host,
                port,
                apiKeys,
                corsOrigins,
                parallel,
                value,
                maxQueue,
                maxTokens,
                maxBodyBytes,
                timeLimit,
                patience,
                memoryBudgetBytes,
                grace,
                pooling,
                threads,
                kernels,
                head,
                kv);
    }

    /** @param running sequences at the same time @param waiting requests in the queue */
    public ServeOptions withQueue(int running, int waiting) {
        return new ServeOptions(
                host,
                port,
                apiKeys,
                corsOrigins,
                running,
                contextLength,
                waiting,
                maxTokens,
                maxBodyBytes,
                timeLimit,
                patience,
                memoryBudgetBytes,
                grace,
                pooling,
                threads,
                kernels,
                head,
                kv);
    }

    public ServeOptions withMemoryBudgetBytes(long value) {
        return new ServeOptions(
                host,
                port,
                apiKeys,
                corsOrigins,
                parallel,
                contextLength,
                maxQueue,
                maxTokens,
                maxBodyBytes,
                timeLimit,
                patience,
                value,
                grace,
                pooling,
                threads,
                kernels,
                head,
                kv);
    }

    /** Without the keys, which belong in no log. */
    @Override
    public String toString() {
        return "ServeOptions[" + host + ":" + port + ", " + apiKeys.size() + " keys]";
    }

    public ServeOptions withHead(@Nullable Head value) {
        return new ServeOptions(
                host,
                port,
                apiKeys,
                corsOrigins,
                parallel,
                contextLength,
                maxQueue,
                maxTokens,
                maxBodyBytes,
                timeLimit,
                patience,
                memoryBudgetBytes,
                grace,
                pooling,
                threads,
                kernels,
                value,
                kv);
    }

    public ServeOptions withKv(@Nullable KvType value) {
        return new ServeOptions(
                host,
                port,
                apiKeys,
                corsOrigins,
                parallel,
                contextLength,
                maxQueue,
                maxTokens,
                maxBodyBytes,
                timeLimit,
                patience,
                memoryBudgetBytes,
                grace,
                pooling,
                threads,
                kernels,
                head,
                value);
    }
}
