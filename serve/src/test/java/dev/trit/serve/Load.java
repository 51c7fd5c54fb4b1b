package dev.trit.serve;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Many clients that stream chats from a server without a break.
 *
 * <pre>
 * java ... dev.trit.serve.Load URL CLIENTS SECONDS [PID]
 * </pre>
 *
 * With the server's PID, what it occupies of the machine's memory is reported too.
 */
final class Load {
    private static final Duration SAMPLE = Duration.ofSeconds(1);
    private static final List<String> QUESTIONS = List.of(
            "What is the capital of France?",
            "Tell me a story about a fox and a hen.",
            "Write a Python function that adds two numbers.",
            "Why is the sky blue? Explain it to a child, with an example of something that it can see at home.",
            "List five fruits.");

    private final URI base;
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final AtomicLong tokens = new AtomicLong();
    private final AtomicLong answers = new AtomicLong();
    private final ConcurrentLinkedQueue<Double> firsts = new ConcurrentLinkedQueue<>(); // seconds to the first token
    private final ConcurrentLinkedQueue<Double> gaps = new ConcurrentLinkedQueue<>(); // seconds between two pieces
    private final ConcurrentLinkedQueue<String> errors = new ConcurrentLinkedQueue<>();

    /** @param megabytes that the heap held at least in each tenth of the time: what is alive, and what of it stays */
    record Report(
            long answers,
            long tokens,
            double seconds,
            List<String> errors,
            double firstMedian,
            double first99,
            double gapMedian,
            double gap99,
            long[] heapMegabytes,
            long[] residentMegabytes) {
        double tokensPerSecond() {
            return tokens / seconds;
        }
    }

    Load(URI base) {
        this.base = base;
    }

    public static void main(String... args) throws Exception {
        Load load = new Load(URI.create(args[0]));
        load.awaitReady(Duration.ofMinutes(1));
        long pid = args.length > 3 ? Long.parseLong(args[3]) : 0;
        Report r = load.run(Integer.parseInt(args[1]), Duration.ofSeconds(Long.parseLong(args[2])), pid);
        System.out.printf(
                Locale.ROOT,
                "%d answers, %d tokens in %.0f s: %.1f tokens/s, %d errors%n"
                        + "time to first token: median %.2f s, p99 %.2f s; between tokens: median %.3f s, p99 %.3f s%n"
                        + "heap, MB at least in each tenth: %s%nresident, MB at most in each tenth: %s%n",
                r.answers(),
                r.tokens(),
                r.seconds(),
                r.tokensPerSecond(),
                r.errors().size(),
                r.firstMedian(),
                r.first99(),
                r.gapMedian(),
                r.gap99(),
                Arrays.toString(r.heapMegabytes()),
                Arrays.toString(r.residentMegabytes()));
        r.errors().stream().distinct().limit(10).forEach(System.out::println);
        System.exit(r.errors().isEmpty() ? 0 : 1);
    }

    /** Loads the server. @param pid of the server, or 0 */
    Report run(int clients, Duration time, long pid) throws InterruptedException {
        long began = System.nanoTime();
        long end = began + time.toNanos();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < clients; i++) {
            Random random = new Random(i);
            threads.add(Thread.ofVirtual().start(() -> {
                while (System.nanoTime() < end) {
                    ask(random);
                }
            }));
        }
        long[] heap = new long[10];
        long[] resident = new long[10];
        Arrays.fill(heap, Long.MAX_VALUE);
        for (long now = System.nanoTime(); now < end; now = System.nanoTime()) {
            int tenth = (int) (10 * (now - began) / time.toNanos());
            heap[tenth] = Math.min(heap[tenth], (long) (metric("trit_heap_used_bytes") / 1e6));
            resident[tenth] = Math.max(resident[tenth], resident(pid));
            Thread.sleep(SAMPLE);
        }
        for (Thread thread : threads) {
            thread.join();
        }
        return new Report(
                answers.get(),
                tokens.get(),
                (System.nanoTime() - began) / 1e9,
                List.copyOf(errors),
                quantile(firsts, 0.5),
                quantile(firsts, 0.99),
                quantile(gaps, 0.5),
                quantile(gaps, 0.99),
                heap,
                resident);
    }

    private void awaitReady(Duration patience) throws IOException, InterruptedException {
        long until = System.nanoTime() + patience.toNanos();
        while (true) {
            try {
                HttpRequest ready =
                        HttpRequest.newBuilder(base.resolve("/ready")).build();
                if (http.send(ready, BodyHandlers.discarding()).statusCode() == 200) {
                    return;
                }
            } catch (ConnectException e) {
                if (System.nanoTime() > until) {
                    throw e;
                }
            }
            Thread.sleep(SAMPLE);
        }
    }

    private void ask(Random random) {
        String body =
                "{\"messages\": [{\"role\": \"user\", \"content\": \"%s\"}], \"stream\": true, \"max_tokens\": %d}"
                        .formatted(QUESTIONS.get(random.nextInt(QUESTIONS.size())), 16 + random.nextInt(49));
        HttpRequest request = HttpRequest.newBuilder(base.resolve("/v1/chat/completions"))
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        long before = System.nanoTime();
        try {
            HttpResponse<InputStream> response = http.send(request, BodyHandlers.ofInputStream());
            if (response.statusCode() != 200) {
                errors.add(
                        response.statusCode() + " " + new String(response.body().readAllBytes(), UTF_8));
                return;
            }
            read(response.body(), before);
        } catch (IOException | RuntimeException e) {
            errors.add(e.toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void read(InputStream body, long before) throws IOException {
        String last = "";
        String reason = "";
        long previous = 0;
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(body, UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (!line.startsWith("data: ")) {
                    continue;
                }
                last = line.substring(6);
                if (last.equals("[DONE]")) {
                    continue;
                }
                JsonNode event = JsonMapper.shared().readTree(last);
                if (event.has("error")) {
                    errors.add(last);
                    return;
                }
                JsonNode choice = event.path("choices").path(0);
                reason = choice.path("finish_reason").asString(reason);
                if (!choice.path("delta").path("content").asString("").isEmpty()) {
                    long now = System.nanoTime();
                    (previous == 0 ? firsts : gaps).add((now - (previous == 0 ? before : previous)) / 1e9);
                    previous = now;
                    tokens.incrementAndGet();
                }
            }
        }
        if (!last.equals("[DONE]") || reason.isEmpty()) {
            errors.add("a stream that was cut off, after: " + last);
        }
        answers.incrementAndGet();
    }

    private double metric(String name) {
        try {
            String text = http.send(
                            HttpRequest.newBuilder(base.resolve("/metrics")).build(), BodyHandlers.ofString())
                    .body();
            return text.lines()
                    .filter(line -> line.startsWith(name + " "))
                    .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
                    .findFirst()
                    .orElseThrow();
        } catch (IOException | RuntimeException e) {
            errors.add("/metrics: " + e);
            return Double.MAX_VALUE;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Double.MAX_VALUE;
        }
    }

    private static long resident(long pid) {
        Path status = Path.of("/proc", Long.toString(pid), "status");
        if (pid == 0 || !Files.exists(status)) {
            return 0;
        }
        try (var lines = Files.lines(status)) {
            return lines.filter(line -> line.startsWith("VmRSS:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) / 1000)
                    .findFirst()
                    .orElse(0);
        } catch (IOException e) {
            return 0; // it has ended
        }
    }

    private static double quantile(Iterable<Double> values, double q) {
        List<Double> sorted = new ArrayList<>();
        values.forEach(sorted::add);
        sorted.sort(null);
        return sorted.isEmpty() ? Double.NaN : sorted.get((int) Math.min(sorted.size() - 1, q * sorted.size()));
    }
}
