package dev.trit.serve;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Who may come in: API keys, origins of web pages, names of this machine. */
final class Gate {
    /** What anybody may see: that the server lives, and its page, which asks for the key itself. */
    private static final Set<String> OPEN = Set.of("/", "/health", "/ready", "/openapi.json");

    private static final Set<String> LOOPBACK_NAMES = Set.of("localhost", "127.0.0.1", "[::1]");

    private final List<byte[]> keys; // SHA-256: equal lengths, so comparing takes equal time
    private final List<String> origins;
    private final boolean loopback;

    Gate(ServeOptions options) {
        this.keys = options.apiKeys().stream().map(Gate::hash).toList();
        this.origins = options.corsOrigins();
        this.loopback = isLoopback(options.host());
    }

    private static boolean isLoopback(String host) {
        try {
            return InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException e) {
            throw ServeException.atStart("the host '" + host + "' is not known", e);
        }
    }

    /**
     * Lets a request in, or not, and sets the headers that browsers ask for.
     *
     * @return what the queue knows the client by
     * @throws ServeException if it may not come in
     */
    String admit(ServerRequest request, ServerResponse response, String path, boolean asset) {
        response.header("X-Content-Type-Options", "nosniff");
        checkHost(request);
        checkOrigin(request, response);
        String peer = request.remotePeer().host();
        if (keys.isEmpty()
                || asset
                || OPEN.contains(path)
                || request.prologue().method().text().equals("OPTIONS")) {
            return peer;
        }
        String header = first(request, HeaderNames.AUTHORIZATION);
        String key = header != null && header.regionMatches(true, 0, "Bearer ", 0, 7)
                ? header.substring(7).strip()
                : first(request, HeaderNames.create("X-Api-Key"));
        int found = key == null ? -1 : find(hash(key));
        if (found < 0) {
            throw ServeException.unauthorized();
        }
        return "key " + found;
    }

    /** Compares with every key, whichever fits, so that the time says nothing. */
    private int find(byte[] hash) {
        int found = -1;
        for (int i = 0; i < keys.size(); i++) {
            found = MessageDigest.isEqual(keys.get(i), hash) ? i : found;
        }
        return found;
    }

    /** A server for this machine alone answers to this machine's names only: DNS rebinding comes under other names. */
    private void checkHost(ServerRequest request) {
        String host = first(request, HeaderNames.HOST);
        if (loopback && host != null && !LOOPBACK_NAMES.contains(withoutPort(host.toLowerCase(Locale.ROOT)))) {
            throw ServeException.forbidden("this server answers to localhost only, not to '" + host
                    + "': start it with --host to serve others");
        }
    }

    /** Pages of other origins may neither read answers nor make us work. */
    private void checkOrigin(ServerRequest request, ServerResponse response) {
        String origin = first(request, HeaderNames.ORIGIN);
        if (origin == null) {
            return;
        }
        boolean any = origins.contains("*");
        if (!any && !origins.contains(origin) && !isOwn(origin, first(request, HeaderNames.HOST))) {
            throw ServeException.forbidden(
                    "pages of " + origin + " may not call this server: start it with --cors " + origin);
        }
        response.header("Access-Control-Allow-Origin", any ? "*" : origin);
        response.header("Vary", "Origin");
        response.header("Access-Control-Allow-Methods", "GET, POST, OPTIONS");
        response.header("Access-Control-Allow-Headers", "Authorization, Content-Type, X-Api-Key");
        response.header("Access-Control-Max-Age", "600");
    }

    private static boolean isOwn(String origin, @Nullable String host) {
        try {
            return host != null && host.equalsIgnoreCase(URI.create(origin).getAuthority());
        } catch (IllegalArgumentException e) {
            return false; // not an origin at all
        }
    }

    private static String withoutPort(String host) {
        return host.replaceFirst(":\\d*$", "");
    }

    private static @Nullable String first(ServerRequest request, HeaderName name) {
        return request.headers().first(name).orElse(null);
    }

    private static byte[] hash(String key) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(key.getBytes(UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every JDK has it
        }
    }
}
