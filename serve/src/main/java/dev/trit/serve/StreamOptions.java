package dev.trit.serve;

import tools.jackson.databind.JsonNode;

/** The member {@code stream_options}. */
final class StreamOptions {
    private StreamOptions() {}

    /** Whether the last event is to hold the counts of tokens. */
    static boolean includeUsage(Fields body) {
        JsonNode options = body.get("stream_options");
        return options != null && Fields.of(options, "stream_options").flag("include_usage", false);
    }
}
