package dev.trit.text;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * What {@code post_processor} of a {@code tokenizer.json} puts around a single text.
 *
 * @param before the begin token, or null
 * @param after the end token, or null
 * @param isTemplate whether the file says it at all
 */
record PostProcessing(@Nullable String before, @Nullable String after, boolean isTemplate) {
    private static final PostProcessing NOTHING = new PostProcessing(null, null, false);

    static PostProcessing of(JsonNode node) {
        String type = node.path("type").asString("");
        switch (type) {
            case "", "ByteLevel": // the latter only moves offsets
                return NOTHING;
            case "TemplateProcessing":
                return template(node.path("single"));
            case "Sequence":
                PostProcessing all = NOTHING;
                for (JsonNode part : node.path("processors")) {
                    PostProcessing one = of(part);
                    if (all.isTemplate && one.isTemplate) {
                        throw new TextException("post_processor: more than one template is not supported");
                    }
                    all = one.isTemplate ? one : all;
                }
                return all;
            default:
                throw new TextException("post_processor " + type + " is not supported; expected TemplateProcessing");
        }
    }

    private static PostProcessing template(JsonNode single) {
        String before = null;
        String after = null;
        boolean text = false;
        for (JsonNode part : single) {
            String token = part.path("SpecialToken").path("id").asString("");
            if (part.has("Sequence") && !text) {
                text = true;
            } else if (!token.isEmpty() && !text && before == null) {
                before = token;
            } else if (!token.isEmpty() && text && after == null) {
                after = token;
            } else {
                throw new TextException("post_processor: template " + single
                        + "; expected at most one token before and one after the text");
            }
        }
        return new PostProcessing(before, after, true);
    }
}
