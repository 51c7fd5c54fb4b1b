package dev.trit.serve;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Requests that nobody should send: broken JSON, wrong types, broken HTTP, chunks that lie, clients that stall. */
class MalformedRequestsTest {
    private static final Pattern STATUS = Pattern.compile("^HTTP/1\\.1 (\\d{3})");
    private static final List<String> PATHS =
            List.of("/v1/chat/completions", "/v1/completions", "/v1/embeddings", "/tokenize", "/detokenize");

    /** Good bodies, to be spoiled. */
    private static final List<String> BODIES = List.of(
            "{'messages':[{'role':'user','content':'Hi'}],'max_tokens':2,'temperature':0.5,'stop':['x'],'stream':true}",
            "{'messages':[{'role':'user','content':[{'type':'text','text':'Hi'}]}],'max_tokens':1,'tools':[{'type':'function',"
                    + "'function':{'name':'f','parameters':{'type':'object','properties':{'a':{'type':'integer'}}}}}]}",
            "{'prompt':['a','b'],'max_tokens':1,'logprobs':1,'echo':true,'logit_bias':{'5':1},'n':2}",
            "{'prompt':[1,2,3],'max_tokens':1,'response_format':{'type':'json_schema','json_schema':{'schema':{'type':'null'}}}}",
            "{'input':['a',[1,2]],'encoding_format':'base64'}",
            "{'content':'text','with_pieces':true}",
            "{'tokens':[1,2,3]}");

    private static final List<String> SPLINTERS = List.of(
            "null",
            "[]",
            "{}",
            "-1",
            "1e999",
            "99999999999999999999",
            "true",
            "\"\"",
            "\"\\ud800\"",
            "[[[[",
            "\0",
            "\"",
            ",",
            ":",
            "NaN",
            "\u00ff\u00fe",
            "'",
            "{\"a\":",
            "0.0000001",
            "\"../../etc/passwd\"");

    @Test
    void someOfThem() throws IOException {
        send(300, 1);
    }

    @Tag("slow")
    @Test
    void fiveThousandOfThem() throws IOException {
        send(5000, 2);
    }

    private static void send(int count, long seed) throws IOException {
        Random random = new Random(seed);
        try (Served served = Served.tiny()) {
            int refused = 0;
            for (int i = 0; i < count; i++) {
                byte[] request = i % 4 == 0 ? brokenHttp(random) : brokenJson(random);
                String answer = served.raw(request, Duration.ofMillis(i % 4 == 0 ? 100 : 10_000));
                Matcher status = STATUS.matcher(answer);
                if (status.find()) {
                    int code = Integer.parseInt(status.group(1));
                    assertThat(code)
                            .as(new String(request, ISO_8859_1) + "\n" + answer)
                            .satisfiesAnyOf(
                                    c -> assertThat(c).isEqualTo(200),
                                    c -> assertThat(c).isBetween(400, 499));
                    refused += code == 200 ? 0 : 1;
                } else {
                    assertThat(answer)
                            .as("closed without a word, or waiting for more")
                            .isEmpty();
                }
            }
            assertThat(refused).isGreaterThan(count / 2);
            assertThat(served.post(PATHS.getFirst(), BODIES.getFirst()).status())
                    .isEqualTo(200);
            assertThat(served.metric("trit_active")).isZero();
        }
    }

    /** A good body with a few characters replaced, removed or doubled, on any address. */
    private static byte[] brokenJson(Random random) {
        StringBuilder body =
                new StringBuilder(BODIES.get(random.nextInt(BODIES.size())).replace('\'', '"'));
        for (int n = 1 + random.nextInt(4); n > 0; n--) {
            int at = random.nextInt(body.length());
            int to = Math.min(body.length(), at + random.nextInt(8));
            String splinter = SPLINTERS.get(random.nextInt(SPLINTERS.size()));
            switch (random.nextInt(3)) {
                case 0 -> body.replace(at, to, splinter);
                case 1 -> body.insert(at, splinter);
                default -> body.setLength(Math.max(1, at));
            }
        }
        byte[] bytes = body.toString().getBytes(random.nextInt(5) == 0 ? ISO_8859_1 : UTF_8);
        String head = "POST " + PATHS.get(random.nextInt(PATHS.size()))
                + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" + "Content-Length: " + bytes.length
                + "\r\n\r\n";
        return joined(head.getBytes(UTF_8), bytes);
    }

    private static byte[] brokenHttp(Random random) {
        String path = PATHS.get(random.nextInt(PATHS.size()));
        String body = BODIES.getFirst().replace('\'', '"');
        String text = switch (random.nextInt(14)) {
            case 0 -> "POST " + path + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: -5\r\n\r\n" + body;
            case 1 -> "POST " + path + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: abc\r\n\r\n" + body;
            case 2 ->
                "POST " + path + " HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n" + body;
            case 3 ->
                "POST " + path
                        + " HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\nx";
            case 4 -> "POST " + path + " HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"a\"";
            case 5 -> "GARBAGE\r\n\r\n";
            case 6 -> "GET " + "/x".repeat(5000) + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
            case 7 -> "GET / HTTP/1.1\r\nHost: localhost\r\nX: " + "y".repeat(100_000) + "\r\n\r\n";
            case 8 -> "GET / HTTP/9.9\r\nHost: localhost\r\n\r\n";
            case 9 -> "GET /%zz%00/../../etc/passwd HTTP/1.1\r\nHost: localhost\r\n\r\n";
            case 10 -> "POST " + path + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4000000000\r\n\r\n{}";
            case 11 -> "BREW " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
            case 12 -> "GET /v1/models HTTP/1.1\r\n\r\n";
            default -> "POST " + path + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: 50\r\n\r\n{\"messages\"";
        };
        byte[] bytes = text.getBytes(ISO_8859_1);
        if (random.nextInt(3) == 0) {
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
        }
        return bytes;
    }

    private static byte[] joined(byte[] a, byte[] b) {
        byte[] all = new byte[a.length + b.length];
        System.arraycopy(a, 0, all, 0, a.length);
        System.arraycopy(b, 0, all, a.length, b.length);
        return all;
    }

    @Test
    void aBodyThatDoesNotArriveIsNotWaitedForForEver() throws IOException {
        try (Served served = Served.with(Served.options().withPatience(Duration.ofMillis(500)), "llama-dense-tiny")) {
            String head = "POST " + PATHS.getFirst() + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: 500\r\n\r\n{";
            long began = System.nanoTime();
            assertThat(served.raw(head.getBytes(UTF_8), Duration.ofSeconds(20))).isEmpty();
            assertThat(Duration.ofNanos(System.nanoTime() - began))
                    .as("closed by the server")
                    .isLessThan(Duration.ofSeconds(15));
        }
    }

    /** An idle limit does not see them: a byte comes all the time. */
    @Test
    void headersThatDripAreNotWaitedForForEver() throws Exception {
        try (Served served = Served.with(Served.options().withPatience(Duration.ofMillis(500)), "llama-dense-tiny");
                Socket socket = new Socket("127.0.0.1", served.server.port())) {
            socket.setSoTimeout(10);
            socket.getOutputStream().write("GET /health HTTP/1.1\r\nHost: localhost\r\nX: ".getBytes(UTF_8));
            assertThat(dripped(socket, Duration.ofSeconds(20)))
                    .as("closed by the server")
                    .isTrue();
        }
    }

    private static boolean dripped(Socket socket, Duration patience) {
        long until = System.nanoTime() + patience.toNanos();
        while (System.nanoTime() < until) {
            try {
                socket.getOutputStream().write('x');
                if (socket.getInputStream().read() < 0) {
                    return true;
                }
            } catch (SocketTimeoutException e) {
                continue; // still open, nothing said
            } catch (IOException e) {
                return true; // reset
            }
        }
        return false;
    }

    @Test
    void whoDoesNotReadTheAnswerIsNotWaitedForForEver() throws Exception {
        ServeOptions options =
                Served.options().withPatience(Duration.ofSeconds(1)).withContextLength(20_000);
        try (Served served = Served.with(options, "llama-dense-tiny");
                Socket socket = new Socket()) {
            socket.setReceiveBufferSize(1024);
            socket.connect(new InetSocketAddress("127.0.0.1", served.server.port()));
            byte[] body =
                    ("{'messages':[{'role':'user','content':'Hi'}],'stream':true,'logprobs':true,'top_logprobs':20,"
                                    + "'max_tokens':19000,'logit_bias':{'256':-100,'257':-100}}")
                            .replace('\'', '"')
                            .getBytes(UTF_8);
            String head = "POST " + PATHS.getFirst() + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + body.length
                    + "\r\n\r\n";
            socket.getOutputStream().write(joined(head.getBytes(UTF_8), body));
            assertThat(socket.getInputStream().read()).as("the answer begins").isEqualTo('H');
            long until = System.nanoTime() + Duration.ofSeconds(50).toNanos();
            while (!served.server.metrics().contains("status=\"499\"") && System.nanoTime() < until) {
                Thread.sleep(50);
            }
            assertThat(served.server.metrics()).contains("status=\"499\"");
            assertThat(served.metric("trit_active"))
                    .as("nothing is generated for it")
                    .isZero();
        }
    }

    @Test
    void clientsThatStallHoldUpNobody() throws IOException {
        try (Served served = Served.tiny()) {
            Socket[] stalled = new Socket[100];
            for (int i = 0; i < stalled.length; i++) {
                stalled[i] = new Socket("127.0.0.1", served.server.port());
                stalled[i]
                        .getOutputStream()
                        .write(("POST " + PATHS.get(i % 5)
                                        + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: 500\r\n\r\n{")
                                .getBytes(UTF_8));
            }
            assertThat(served.post(PATHS.getFirst(), BODIES.getFirst()).status())
                    .isEqualTo(200);
            for (Socket socket : stalled) {
                socket.close();
            }
        }
    }
}
