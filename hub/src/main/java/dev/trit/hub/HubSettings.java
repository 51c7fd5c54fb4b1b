package dev.trit.hub;

import java.io.IOException;
import java.net.ProxySelector;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Where models come from and where they are kept, as the environment says to every tool of the hub.
 *
 * @param endpoint the hub, without a slash at the end
 * @param cache the folder of the hub's cache, shared with other tools
 * @param token who we are, or null
 * @param offline never to ask the hub
 * @param proxy how to reach the hub
 */
public record HubSettings(
        URI endpoint, Path cache, @Nullable String token, boolean offline, ProxySelector proxy) {
    private static final String DEFAULT_ENDPOINT = "https://huggingface.co";
    private static final Set<String> TRUE = Set.of("1", "on", "yes", "true");

    /**
     * Reads {@code HF_ENDPOINT}, {@code HF_HUB_CACHE}, {@code HF_HOME}, {@code HF_TOKEN}, {@code HF_TOKEN_PATH}, {@code
     * HF_HUB_OFFLINE}, {@code HF_HUB_DISABLE_IMPLICIT_TOKEN}, {@code XDG_CACHE_HOME} and the proxy variables, with the
     * meanings they have for the hub's own library.
     *
     * @param env the environment of the process
     * @throws HubException if one of them makes no sense
     */
    public static HubSettings of(Map<String, String> env) {
        Path home = Path.of(env.getOrDefault("HOME", System.getProperty("user.home", ".")));
        Path caches = path(env, "XDG_CACHE_HOME", home, home.resolve(".cache"));
        Path hubHome = path(env, "HF_HOME", home, caches.resolve("huggingface"));
        Path cache = path(env, "HF_HUB_CACHE", home, path(env, "HUGGINGFACE_HUB_CACHE", home, hubHome.resolve("hub")));
        return new HubSettings(
                endpoint(env), cache, token(env, hubHome, home), isTrue(env, "HF_HUB_OFFLINE"), Proxies.of(env));
    }

    private static URI endpoint(Map<String, String> env) {
        String text = env.getOrDefault("HF_ENDPOINT", "").strip();
        text = text.isEmpty() ? DEFAULT_ENDPOINT : text.replaceAll("/+$", "");
        try {
            URI uri = new URI(text);
            String scheme = String.valueOf(uri.getScheme());
            if (uri.getHost() != null && (scheme.equals("https") || scheme.equals("http"))) {
                return uri;
            }
        } catch (URISyntaxException e) {
            throw new HubException("HF_ENDPOINT=" + text + " is not an address: " + e.getMessage(), e);
        }
        throw new HubException("HF_ENDPOINT=" + text + " is not an address: expected http:// or https:// and a host");
    }

    private static @Nullable String token(Map<String, String> env, Path hubHome, Path home) {
        for (String name : new String[] {"HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"}) {
            String token = env.getOrDefault(name, "").strip();
            if (!token.isEmpty()) {
                return token;
            }
        }
        Path file = path(env, "HF_TOKEN_PATH", home, hubHome.resolve("token"));
        if (isTrue(env, "HF_HUB_DISABLE_IMPLICIT_TOKEN") || !Files.isRegularFile(file)) {
            return null;
        }
        try {
            String token = Files.readString(file).strip();
            return token.isEmpty() ? null : token;
        } catch (IOException e) {
            throw new HubException("the token file " + file + " cannot be read: " + e.getMessage(), e);
        }
    }

    private static boolean isTrue(Map<String, String> env, String name) {
        return TRUE.contains(env.getOrDefault(name, "").toLowerCase(Locale.ROOT));
    }

    private static Path path(Map<String, String> env, String name, Path home, Path otherwise) {
        String text = env.getOrDefault(name, "");
        if (text.isEmpty()) {
            return otherwise;
        }
        return text.equals("~") ? home : text.startsWith("~/") ? home.resolve(text.substring(2)) : Path.of(text);
    }

    /** Without the token, which belongs in no log. */
    @Override
    public String toString() {
        return "HubSettings[" + endpoint + ", cache " + cache + (token == null ? "" : ", with a token")
                + (offline ? ", offline" : "") + "]";
    }
}
