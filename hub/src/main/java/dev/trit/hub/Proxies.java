package dev.trit.hub;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The proxy that {@code HTTPS_PROXY}, {@code HTTP_PROXY}, {@code ALL_PROXY} and {@code NO_PROXY} name, in upper or lower
 * case, as curl reads them. The JVM alone knows only its own properties; those decide where no variable is set.
 */
final class Proxies extends ProxySelector {
    private final Map<String, String> env;
    private final ProxySelector otherwise;

    private Proxies(Map<String, String> env, ProxySelector otherwise) {
        this.env = env;
        this.otherwise = otherwise;
    }

    static ProxySelector of(Map<String, String> env) {
        return new Proxies(env, ProxySelector.getDefault());
    }

    @Override
    public List<Proxy> select(URI uri) {
        String scheme = String.valueOf(uri.getScheme()).toLowerCase(Locale.ROOT);
        String named = variable(scheme + "_proxy");
        named = named.isEmpty() ? variable("all_proxy") : named;
        if (named.isEmpty()) {
            return otherwise == null ? List.of(Proxy.NO_PROXY) : otherwise.select(uri);
        }
        if (isExcepted(String.valueOf(uri.getHost()))) {
            return List.of(Proxy.NO_PROXY);
        }
        return List.of(proxy(named));
    }

    private static Proxy proxy(String named) {
        URI uri;
        try {
            uri = URI.create(named.contains("://") ? named : "http://" + named);
        } catch (IllegalArgumentException e) {
            throw new HubException("the proxy '" + withoutPassword(named) + "' is not an address", e);
        }
        if (uri.getHost() == null) {
            throw new HubException("the proxy '" + withoutPassword(named) + "' names no host");
        }
        boolean socks = String.valueOf(uri.getScheme()).startsWith("socks");
        int port = uri.getPort() >= 0 ? uri.getPort() : socks ? 1080 : 80;
        return new Proxy(socks ? Proxy.Type.SOCKS : Proxy.Type.HTTP, new InetSocketAddress(uri.getHost(), port));
    }

    /** {@code NO_PROXY}: names and suffixes of names, separated by commas; {@code *} for all. */
    private boolean isExcepted(String host) {
        for (String entry : variable("no_proxy").split(",")) {
            String name = entry.strip().toLowerCase(Locale.ROOT);
            name = name.startsWith(".") ? name.substring(1) : name;
            if (!name.isEmpty() && (name.equals("*") || host.equals(name) || host.endsWith("." + name))) {
                return true;
            }
        }
        return false;
    }

    private String variable(String name) {
        String lower = env.getOrDefault(name, "");
        return lower.isEmpty() ? env.getOrDefault(name.toUpperCase(Locale.ROOT), "") : lower;
    }

    private static String withoutPassword(String proxy) {
        return proxy.replaceFirst("//[^/@]*@", "//...@");
    }

    @Override
    public void connectFailed(URI uri, SocketAddress address, IOException failure) {
        // The request fails with the same exception.
    }
}
