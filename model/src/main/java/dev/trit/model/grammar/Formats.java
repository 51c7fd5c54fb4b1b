package dev.trit.model.grammar;

import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The formats of strings that can be promised, as patterns: all they say is valid, not all that is valid can be said. */
final class Formats {
    private static final String DATE = "\\d{4}-((0[13578]|1[02])-(0[1-9]|[12]\\d|3[01])"
            + "|(0[469]|11)-(0[1-9]|[12]\\d|30)|02-(0[1-9]|1\\d|2[0-8]))";
    private static final String TIME =
            "([01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(\\.\\d{1,6})?(Z|[+-]([01]\\d|2[0-3]):[0-5]\\d)";
    private static final String LABEL = "[A-Za-z0-9]([A-Za-z0-9-]{0,30}[A-Za-z0-9])?";
    private static final String HOST = LABEL + "(\\." + LABEL + "){0,6}";
    private static final String OCTET = "(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";

    private static final Map<String, String> PATTERNS = new TreeMap<>(Map.of(
            "date", "^" + DATE + "$",
            "time", "^" + TIME + "$",
            "date-time", "^" + DATE + "T" + TIME + "$",
            "duration",
                    "^P(\\d{1,4}D|(\\d{1,4}Y(\\d{1,4}M(\\d{1,4}D)?)?|\\d{1,4}M(\\d{1,4}D)?)"
                            + "|\\d{1,4}W|T(\\d{1,4}H(\\d{1,4}M(\\d{1,4}S)?)?|\\d{1,4}M(\\d{1,4}S)?|\\d{1,4}S))$",
            "uuid", "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$",
            "email", "^[A-Za-z0-9_+-]{1,30}(\\.[A-Za-z0-9_+-]{1,30}){0,3}@" + LABEL + "(\\." + LABEL + "){1,4}$",
            "hostname", "^" + HOST + "$",
            "ipv4", "^" + OCTET + "(\\." + OCTET + "){3}$"));

    private Formats() {}

    /** The pattern of a format, or null if there is none. */
    static @Nullable String pattern(String format) {
        return PATTERNS.get(format);
    }

    static String names() {
        return String.join(", ", PATTERNS.keySet());
    }
}
