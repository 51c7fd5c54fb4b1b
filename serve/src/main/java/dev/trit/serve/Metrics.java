package dev.trit.serve;

import dev.trit.model.EngineStats;
import dev.trit.model.Event;
import dev.trit.tensor.KvType;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Timer;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.ToDoubleFunction;

/** What {@code /metrics} shows. Names are {@code trit_*}; engine figures are those of all loaded models together. */
final class Metrics {
    private static final Duration[] LATENCIES = {
        Duration.ofMillis(10), Duration.ofMillis(30), Duration.ofMillis(100), Duration.ofMillis(300),
        Duration.ofSeconds(1), Duration.ofSeconds(3), Duration.ofSeconds(10), Duration.ofSeconds(30),
        Duration.ofSeconds(100), Duration.ofSeconds(300)
    };

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final AtomicInteger inFlight = new AtomicInteger();
    private final Timer firstToken;
    private final Counter promptTokens;
    private final Counter cachedTokens;
    private final Counter generatedTokens;

    Metrics(ModelPool models) {
        firstToken = Timer.builder("trit.time.to.first.token")
                .description("From the arrival of a request to its first token")
                .serviceLevelObjectives(LATENCIES)
                .register(registry);
        promptTokens = tokens("prompt");
        cachedTokens = tokens("cached");
        generatedTokens = tokens("generated");
        Gauge.builder("trit.requests.in.flight", inFlight, AtomicInteger::get)
                .description("Requests being answered")
                .register(registry);
        Gauge.builder("trit.models.loaded", models, m -> m.loaded().size())
                .description("Models in memory")
                .register(registry);
        gauge(models, "trit.queue", "Requests that wait", EngineStats::queued);
        gauge(models, "trit.active", "Sequences that run", EngineStats::active);
        gauge(models, "trit.batch", "Tokens in the last pass over the weights", EngineStats::batch);
        gauge(models, "trit.kv.used.bytes", "Keys and values of running sequences", EngineStats::kvBytesUsed);
        gauge(models, "trit.kv.cached.bytes", "Keys and values kept for reuse", EngineStats::kvBytesCached);
        gauge(models, "trit.kv.budget.bytes", "Limit of both", EngineStats::kvBytesBudget);
        for (KvType type : KvType.values()) {
            Gauge.builder(
                            "trit.kv.models",
                            models,
                            m -> m.loaded().stream()
                                    .filter(model -> model.model().kv() == type)
                                    .count())
                    .description("Models in memory by how they hold keys and values")
                    .tag("type", type.word())
                    .register(registry);
        }
        gauge(models, "trit.steps", "Passes over the weights", EngineStats::steps);
        gauge(models, "trit.step.tokens", "Tokens in all passes", EngineStats::stepTokens);
        gauge(models, "trit.busy.seconds", "Time in passes over the weights", EngineStats::busySeconds);
        gauge(models, "trit.preempted", "Sequences that gave their memory to an older one", EngineStats::preempted);
        Runtime runtime = Runtime.getRuntime();
        Gauge.builder("trit.heap.used.bytes", runtime, r -> r.totalMemory() - r.freeMemory())
                .description("Java heap in use")
                .register(registry);
        long began = System.nanoTime();
        FunctionCounter.builder("trit.uptime.seconds", runtime, r -> (System.nanoTime() - began) * 1e-9)
                .description("Since the server started")
                .register(registry);
    }

    private Counter tokens(String kind) {
        return Counter.builder("trit.tokens")
                .description("Tokens of prompts, of these how many were cached, and tokens generated")
                .tag("kind", kind)
                .register(registry);
    }

    private void gauge(ModelPool models, String name, String meaning, ToDoubleFunction<EngineStats> figure) {
        Gauge.builder(
                        name,
                        models,
                        pool -> pool.loaded().stream()
                                .mapToDouble(model ->
                                        figure.applyAsDouble(model.engine().stats()))
                                .sum())
                .description(meaning)
                .register(registry);
    }

    void begun() {
        inFlight.incrementAndGet();
    }

    /** @param route the address as documented, not as sent, so that names stay few */
    void ended(String route, int status, long nanos) {
        inFlight.decrementAndGet();
        Timer.builder("trit.requests")
                .description("Requests answered, and how long that took")
                .tag("route", route)
                .tag("status", Integer.toString(status))
                .serviceLevelObjectives(LATENCIES)
                .register(registry)
                .record(nanos, TimeUnit.NANOSECONDS);
    }

    void promptRead(Event.PromptRead event) {
        promptTokens.increment(event.promptTokens());
        cachedTokens.increment(event.cachedTokens());
        firstToken.record((long) ((event.queueSeconds() + event.promptSeconds()) * 1e9), TimeUnit.NANOSECONDS);
    }

    /** One token more. */
    void generated() {
        generatedTokens.increment();
    }

    void embedded(int tokens) {
        promptTokens.increment(tokens);
    }

    /** In Prometheus' text format. */
    String text() {
        return registry.scrape();
    }
}
