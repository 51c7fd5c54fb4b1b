package dev.trit.cli;

import dev.trit.format.Checkpoint;
import dev.trit.format.StoredTensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a model file holds, read from the file alone: nothing is computed with it. Members that a file does not have are
 * left out.
 *
 * @param path the file or directory
 * @param container gguf or safetensors
 * @param architecture {@code general.architecture}
 * @param name {@code general.name}, if it has one
 * @param parameters weights in all tensors
 * @param bytes of all tensors
 * @param shape the file's own numbers, by the last words of their keys
 * @param types how tensors are stored, largest first
 * @param bytesByKind what the bytes are for: embedding, attention, ffn, norm, head, other
 * @param trits share of -1, 0 and +1 in each block; empty for a model that is not ternary
 * @param tokenizer what the file says about its tokenizer
 * @param warnings what is odd, one sentence each
 */
record Inspection(
        String path,
        String container,
        String architecture,
        @Nullable String name,
        long parameters,
        long bytes,
        Map<String, Object> shape,
        Map<String, TypeUse> types,
        Map<String, Long> bytesByKind,
        List<TritShares> trits,
        TokenizerFacts tokenizer,
        List<String> warnings) {

    /** Tensors of one type. */
    record TypeUse(int tensors, long parameters, long bytes) {
        TypeUse plus(StoredTensor t) {
            return new TypeUse(tensors + 1, parameters + elements(t), bytes + t.bytes());
        }
    }

    private static final List<String> SHAPE = List.of(
            "block_count",
            "embedding_length",
            "feed_forward_length",
            "attention.head_count",
            "attention.head_count_kv",
            "attention.key_length",
            "rope.dimension_count",
            "rope.freq_base",
            "rope.scaling.type",
            "context_length",
            "vocab_size");

    private static final Pattern BLOCK = Pattern.compile("blk\\.(\\d+)\\.(attn|ffn)_.*");

    /** Reads the directory of {@code checkpoint} and counts its trits. */
    static Inspection of(Checkpoint checkpoint, Stdio stdio) {
        Map<String, Object> metadata = checkpoint.metadata();
        Map<String, TypeUse> types = new TreeMap<>();
        Map<String, Long> kinds = new LinkedHashMap<>();
        for (String kind : List.of("embedding", "attention", "ffn", "norm", "head", "other")) {
            kinds.put(kind, 0L);
        }
        long parameters = 0;
        long bytes = 0;
        for (StoredTensor t : checkpoint.tensors()) {
            types.merge(t.type(), new TypeUse(0, 0, 0).plus(t), (old, one) -> old.plus(t));
            kinds.merge(kind(t.name()), t.bytes(), Long::sum);
            parameters += elements(t);
            bytes += t.bytes();
        }
        Map<String, TypeUse> sorted = new LinkedHashMap<>();
        types.entrySet().stream()
                .sorted((a, b) ->
                        Long.compare(b.getValue().bytes(), a.getValue().bytes()))
                .forEach(e -> sorted.put(e.getKey(), e.getValue()));
        kinds.values().removeIf(size -> size == 0);
        List<TritShares> trits = TritShares.count(checkpoint, stdio);
        TokenizerFacts tokenizer = TokenizerFacts.of(checkpoint);
        List<String> warnings = new ArrayList<>(checkpoint.warnings());
        warnings.addAll(tokenizer.warnings());
        trits.forEach(layer -> warnings.addAll(layer.warnings()));
        return new Inspection(
                checkpoint.path().toString(),
                checkpoint.container(),
                checkpoint.architecture(),
                metadata.get("general.name") instanceof String s ? s : null,
                parameters,
                bytes,
                shape(checkpoint),
                sorted,
                kinds,
                trits,
                tokenizer,
                warnings);
    }

    /** The number of the block a tensor belongs to, or -1. */
    static int block(String tensor) {
        Matcher m = BLOCK.matcher(tensor);
        return m.matches() ? Integer.parseInt(m.group(1)) : -1;
    }

    private static Map<String, Object> shape(Checkpoint checkpoint) {
        Map<String, Object> shape = new LinkedHashMap<>();
        for (String key : SHAPE) {
            Object value = checkpoint.metadata().get(checkpoint.architecture() + "." + key);
            if (value instanceof Number || value instanceof String) {
                shape.put(key.substring(key.indexOf('.') + 1).replace('.', '_'), value);
            }
        }
        return shape;
    }

    private static String kind(String tensor) {
        if (tensor.endsWith("norm.weight")) {
            return "norm";
        }
        if (tensor.startsWith("token_embd")) {
            return "embedding";
        }
        if (tensor.startsWith("output.")) {
            return "head";
        }
        Matcher m = BLOCK.matcher(tensor);
        if (!m.matches()) {
            return "other";
        }
        return m.group(2).equals("attn") ? "attention" : "ffn";
    }

    private static long elements(StoredTensor t) {
        return (long) t.rows() * t.cols();
    }
}
