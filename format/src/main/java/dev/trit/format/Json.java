package dev.trit.format;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** JSON of strangers: bounded in depth, size and numbers, no duplicate names; every failure a {@link FormatException}. */
final class Json {
    static final JsonFactory FACTORY = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(64)
                    .maxNameLength(4096)
                    .maxNumberLength(64)
                    .maxStringLength(16 << 20)
                    .build())
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();
    static final JsonMapper MAPPER = new JsonMapper(FACTORY);

    private static final long MAX_BYTES = 64 << 20;

    private Json() {}

    /** The object in a JSON file. */
    static JsonNode readObject(Path file) {
        JsonNode node;
        try {
            long size = Files.size(file);
            if (size > MAX_BYTES) {
                throw new FormatException(
                                "too large for a JSON file of a model", "up to %d bytes".formatted(MAX_BYTES), size)
                        .at(file, null);
            }
            node = MAPPER.readTree(Files.readAllBytes(file));
        } catch (IOException e) {
            throw OpenFile.unreadable(file, e);
        } catch (JacksonException e) {
            throw malformed(e).at(file, null);
        }
        if (!node.isObject()) {
            throw new FormatException("not a JSON object", "{...}", node.getNodeType()).at(file, null);
        }
        return node;
    }

    static FormatException malformed(JacksonException e) {
        return new FormatException("not valid JSON: " + FormatException.clip(e.getOriginalMessage())).causedBy(e);
    }
}
