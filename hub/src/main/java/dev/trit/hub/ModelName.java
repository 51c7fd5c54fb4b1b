package dev.trit.hub;

import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a user calls a model of the hub: {@code OWNER/NAME}, {@code OWNER/NAME:FILE}, {@code OWNER/NAME:QUANT} or a short
 * name. Names are safe to make paths of.
 *
 * @param repo {@code OWNER/NAME}
 * @param selector a file of it, or a part of its name such as {@code i2_s}; null for the one that suits best
 */
public record ModelName(String repo, @Nullable String selector) {
    private static final Pattern REPO = Pattern.compile("[A-Za-z0-9][\\w.-]{0,95}/[A-Za-z0-9][\\w.-]{0,95}");
    private static final Pattern SELECTOR = Pattern.compile("[\\w.+@ -]+(/[\\w.+@ -]+)*");

    public ModelName {
        if (!REPO.matcher(repo).matches() || repo.contains("..") || repo.contains("--")) {
            throw new HubException("'" + repo + "' is not a repository: expected OWNER/NAME");
        }
        if (selector != null && !isFile(selector)) {
            throw new HubException("'" + selector + "' is neither a file of a repository nor a kind of quantization");
        }
    }

    /**
     * Reads a name.
     *
     * @throws HubException if it is neither a repository nor a short name, with the short names there are
     */
    public static ModelName of(String text) {
        var known = KnownModel.of(text);
        if (known.isPresent()) {
            return new ModelName(known.get().repo(), known.get().file());
        }
        if (!text.contains("/")) {
            throw new HubException("'" + text + "' is no known model: expected OWNER/NAME[:FILE|QUANT] or one of "
                    + KnownModel.ALL.stream().map(KnownModel::name).collect(Collectors.joining(", ")));
        }
        int colon = text.indexOf(':');
        return colon < 0
                ? new ModelName(text, null)
                : new ModelName(text.substring(0, colon), text.substring(colon + 1));
    }

    /** Whether {@code text} could be a name: then it is worth looking for in the cache. */
    public static boolean isName(String text) {
        try {
            of(text);
            return true;
        } catch (HubException e) {
            return false;
        }
    }

    /** Whether {@code path} is a relative path that stays where it is put. */
    static boolean isFile(String path) {
        return SELECTOR.matcher(path).matches() && !("/" + path + "/").matches(".*/\\.{1,2}/.*");
    }

    @Override
    public String toString() {
        return selector == null ? repo : repo + ":" + selector;
    }
}
