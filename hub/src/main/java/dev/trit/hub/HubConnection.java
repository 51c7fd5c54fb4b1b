package dev.trit.hub;

import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.HttpURLConnection;
import java.net.NoRouteToHostException;
import java.net.Proxy;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Single requests to the hub and to where it redirects. The token goes to the hub alone. Built on {@link
 * HttpURLConnection} since that, unlike the newer client, can give up on a connection that has gone silent while a body
 * is read.
 */
final class HubConnection {
    private static final int CONNECT_MILLIS = 15_000;
    private static final int SILENCE_MILLIS = 30_000;
    private static final int MAX_REDIRECTS = 8;
    private static final int MAX_ATTEMPTS = 6;
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(60);

    private final HubSettings settings;
    private final Duration firstWait;

    /** @param firstWait before the second attempt; later ones wait twice as long each */
    HubConnection(HubSettings settings, Duration firstWait) {
        this.settings = settings;
        this.firstWait = firstWait;
    }

    /**
     * An answer.
     *
     * @param uri where it came from in the end
     */
    record Answer(int status, URI uri, HttpURLConnection connection) implements AutoCloseable {
        @Nullable String header(String name) {
            return connection.getHeaderField(name);
        }

        InputStream body() throws IOException {
            return connection.getInputStream();
        }

        /** Gives up what has not been read; a connection whose answer was read to its end is kept for the next request. */
        @Override
        public void close() {
            try {
                InputStream rest = status < 400 ? connection.getInputStream() : connection.getErrorStream();
                if (rest != null) {
                    rest.close();
                }
            } catch (IOException e) {
                connection.disconnect();
            }
        }
    }

    /** Something that may have to be tried again. */
    interface Attempt<T> {
        /** @throws IOException if the connection failed; {@link Unavailable} if the server asks for patience */
        T run() throws IOException;
    }

    /** The server cannot answer now. */
    static final class Unavailable extends IOException {
        private static final long serialVersionUID = 1L;

        private final Duration wait;

        Unavailable(Answer answer) {
            super("the server answered " + answer.status());
            this.wait = retryAfter(answer.header("Retry-After"));
        }

        private static Duration retryAfter(@Nullable String header) {
            try {
                return header == null ? Duration.ZERO : Duration.ofSeconds(Long.parseLong(header.strip()));
            } catch (NumberFormatException e) {
                return Duration.ZERO; // a date: then our own pace
            }
        }
    }

    /** Runs until it works, waiting longer each time, or fails for good in words for the user. */
    <T> T patiently(String what, Attempt<T> attempt) {
        Duration wait = firstWait;
        for (int i = 1; ; i++) {
            try {
                return attempt.run();
            } catch (IOException e) {
                if (i == MAX_ATTEMPTS || isHopeless(e)) {
                    throw failed(what, e);
                }
                Duration asked = e instanceof Unavailable busy ? busy.wait : Duration.ZERO;
                sleep(asked.compareTo(wait) > 0 ? min(asked, LONGEST_WAIT) : wait);
                wait = min(wait.multipliedBy(2), LONGEST_WAIT);
            }
        }
    }

    private static boolean isHopeless(IOException e) {
        return e instanceof UnknownHostException
                || e instanceof NoRouteToHostException
                || e instanceof ConnectException
                || (e instanceof SSLException && !String.valueOf(e.getMessage()).contains("closed"))
                || String.valueOf(e.getMessage()).contains("Unable to tunnel");
    }

    /**
     * Sends a request and follows redirects.
     *
     * @param range value of the header {@code Range}, or null
     * @param leaveHub whether to follow a redirect to another host, or to return it as the answer
     * @throws Unavailable on 408, 429 and 5xx
     */
    Answer request(String method, URI uri, @Nullable String range, boolean leaveHub) throws IOException {
        URI at = uri;
        for (int i = 0; i <= MAX_REDIRECTS; i++) {
            Answer answer = send(method, at, range);
            int status = answer.status();
            if (status == 408 || status == 429 || status >= 500) {
                try (answer) {
                    throw new Unavailable(answer);
                }
            }
            String location = answer.header("Location");
            if (status < 300 || status >= 400 || location == null) {
                return answer;
            }
            URI next = at.resolve(location.replace(" ", "%20"));
            if (!leaveHub && !isSameOrigin(next)) {
                return answer;
            }
            answer.close();
            at = next;
        }
        throw new HubException(uri + ": redirected more than " + MAX_REDIRECTS + " times");
    }

    private Answer send(String method, URI uri, @Nullable String range) throws IOException {
        List<Proxy> proxies = settings.proxy().select(uri);
        Proxy proxy = proxies == null || proxies.isEmpty() ? Proxy.NO_PROXY : proxies.getFirst();
        var connection = (HttpURLConnection) uri.toURL().openConnection(proxy);
        connection.setRequestMethod(method);
        connection.setInstanceFollowRedirects(false);
        connection.setConnectTimeout(CONNECT_MILLIS);
        connection.setReadTimeout(SILENCE_MILLIS);
        connection.setUseCaches(false);
        connection.setRequestProperty("User-Agent", "trit");
        connection.setRequestProperty("Accept-Encoding", "identity"); // sizes and hashes are of the plain file
        if (range != null) {
            connection.setRequestProperty("Range", range);
        }
        if (settings.token() != null && isSameOrigin(uri)) {
            connection.setRequestProperty("Authorization", "Bearer " + settings.token());
        }
        return new Answer(connection.getResponseCode(), uri, connection);
    }

    boolean isSameOrigin(URI uri) {
        URI hub = settings.endpoint();
        return String.valueOf(hub.getScheme()).equalsIgnoreCase(uri.getScheme())
                && String.valueOf(hub.getHost()).equalsIgnoreCase(uri.getHost())
                && hub.getPort() == uri.getPort();
    }

    /** What a refusal means, in words for the user. */
    HubException refused(String what, Answer answer) {
        String code = String.valueOf(answer.header("X-Error-Code"));
        String page = settings.endpoint() + "/" + what.replaceFirst(":.*", "");
        boolean anonymous = settings.token() == null;
        String line = switch (answer.status()) {
            case 401 ->
                anonymous
                        ? "no such repository, or one that needs a login (401): check the spelling, or set HF_TOKEN to"
                                + " a token of your account"
                        : "no such repository, or your token does not give access (401): check the spelling and"
                                + " HF_TOKEN";
            case 403 ->
                "access refused (403): open " + page + " in a browser, accept the terms of the model"
                        + (anonymous
                                ? ", and set HF_TOKEN to a token of that account"
                                : " with the account of HF_TOKEN");
            case 404 ->
                switch (code) {
                    case "EntryNotFound" -> "no such file in the repository (404)";
                    case "RevisionNotFound" -> "no such revision (404)";
                    default -> "no such repository, file or revision (404): check the spelling";
                };
            case 407 -> "the proxy wants a login (407)";
            default -> "the hub answered " + answer.status();
        };
        String detail = answer.header("X-Error-Message");
        return new HubException(what + ": " + line
                + (detail == null ? "" : " - " + detail.lines().findFirst().orElse("")));
    }

    /** What a broken connection means, in words for the user. */
    private HubException failed(String what, IOException e) {
        String message = String.valueOf(e.getMessage());
        String line = switch (e) {
            case UnknownHostException u ->
                "the host " + message + " is not known: is this machine online? Behind a proxy, set HTTPS_PROXY";
            case ConnectException c ->
                "no connection (" + message + "): is this machine online? Behind a proxy," + " check HTTPS_PROXY";
            case NoRouteToHostException n -> "no way to the host (" + message + "): is this machine online?";
            case SocketTimeoutException t -> "no answer in time (" + message + ")";
            case SSLException s ->
                "no secure connection (" + message + "): if a proxy opens connections here, give"
                        + " Java its certificate with TRIT_JAVA_OPTS=-Djavax.net.ssl.trustStore=FILE";
            case Unavailable u -> message + ", after " + MAX_ATTEMPTS + " attempts";
            default ->
                message.contains("Unable to tunnel")
                        ? "the proxy refuses the connection: " + message.toLowerCase(Locale.ROOT)
                        : "the connection broke: " + message;
        };
        return new HubException(what + ": " + line, e);
    }

    private static Duration min(Duration a, Duration b) {
        return a.compareTo(b) < 0 ? a : b;
    }

    private static void sleep(Duration wait) {
        try {
            Thread.sleep(wait);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new HubException("interrupted", e);
        }
    }
}
