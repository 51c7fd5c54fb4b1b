package dev.trit.train.report;

import java.util.Locale;

/** Text and numbers as a page shows them. */
final class Html {
    private Html() {}

    /** Escaped for element content and for attributes in double quotes. */
    static String text(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }

    /** Four digits: 0.0123, 1.234, 12.3 K, 30.1 M, 3e-05. */
    static String number(double value) {
        double size = Math.abs(value);
        if (size >= 1e9) {
            return trimmed(value / 1e9, 2) + " G";
        }
        if (size >= 1e6) {
            return trimmed(value / 1e6, 2) + " M";
        }
        if (size >= 1e4) {
            return trimmed(value / 1e3, 1) + " K";
        }
        if (size >= 100) {
            return trimmed(value, 1);
        }
        if (size >= 0.001 || size < 1e-300) {
            return trimmed(value, size >= 1 ? 3 : 5);
        }
        return String.format(Locale.ROOT, "%.2e", value).replaceFirst("\\.?0+e", "e");
    }

    private static String trimmed(double value, int digits) {
        String text = String.format(Locale.ROOT, "%." + digits + "f", value);
        return text.contains(".") ? text.replaceFirst("\\.?0+$", "") : text;
    }
}
