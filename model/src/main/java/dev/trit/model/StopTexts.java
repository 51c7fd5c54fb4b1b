package dev.trit.model;

import java.util.List;

/** Looks for stop texts in text that arrives in pieces, and holds back what may be the beginning of one. */
final class StopTexts {
    private final List<String> stops;
    private final StringBuilder held = new StringBuilder();
    private boolean found;

    StopTexts(List<String> stops) {
        this.stops = stops;
    }

    /** True once a stop text has come up; nothing after it is given out. */
    boolean found() {
        return found;
    }

    /** The text that is certain not to belong to a stop text. */
    String append(String piece) {
        if (found || stops.isEmpty()) {
            return found ? "" : piece;
        }
        held.append(piece);
        int first = -1;
        for (String stop : stops) {
            int at = held.indexOf(stop);
            if (at >= 0 && (first < 0 || at < first)) {
                first = at;
            }
        }
        found = first >= 0;
        return take(found ? first : held.length() - openEnd());
    }

    /** The text is over: what was held back belongs to it. */
    String flush() {
        return found ? "" : take(held.length());
    }

    /** Length of the longest end of the held text that begins a stop text. */
    private int openEnd() {
        int longest = 0;
        for (String stop : stops) {
            for (int n = Math.min(stop.length() - 1, held.length()); n > longest; n--) {
                if (stop.startsWith(held.substring(held.length() - n))) {
                    longest = n;
                }
            }
        }
        return longest;
    }

    private String take(int n) {
        String text = held.substring(0, n);
        held.delete(0, n);
        return text;
    }
}
