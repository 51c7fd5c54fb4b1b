package dev.trit.cli;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A byte-level BPE vocabulary of any size that every reader of GGUF accepts: the 256 bytes, then as many pairs of bytes
 * as fit, then pairs with a third byte, then control tokens. It tokenizes any text, though not as a trained one would.
 */
final class SyntheticVocabulary {
    private static final int NORMAL = 1;
    private static final int CONTROL = 3;
    private static final List<String> ROLES = List.of("<|begin_of_text|>", "<|end_of_text|>", "<|eot_id|>");

    private SyntheticVocabulary() {}

    /**
     * The {@code tokenizer.ggml} metadata of a vocabulary.
     *
     * @param size tokens, at least 260
     */
    static Map<String, Object> metadata(int size) {
        List<String> letters = letters();
        List<String> tokens = new ArrayList<>(letters);
        List<String> merges = new ArrayList<>();
        int normal = size - controls(size);
        for (int of = 0; tokens.size() < normal; of++) { // pairs of bytes, then of those with a byte
            for (int i = 0; i < letters.size() && tokens.size() < normal; i++) {
                tokens.add(tokens.get(of) + letters.get(i));
                merges.add(tokens.get(of) + " " + letters.get(i));
            }
        }
        for (int i = 0; tokens.size() < size; i++) {
            tokens.add(i < ROLES.size() ? ROLES.get(i) : "<|reserved_special_token_" + (i - ROLES.size()) + "|>");
        }
        int[] types = new int[size];
        for (int i = 0; i < size; i++) {
            types[i] = i < normal ? NORMAL : CONTROL;
        }
        Map<String, Object> metadata = new LinkedHashMap<>();
        metadata.put("tokenizer.ggml.model", "gpt2");
        metadata.put("tokenizer.ggml.pre", "llama-bpe");
        metadata.put("tokenizer.ggml.tokens", tokens);
        metadata.put("tokenizer.ggml.token_type", types);
        metadata.put("tokenizer.ggml.merges", merges);
        metadata.put("tokenizer.ggml.bos_token_id", normal);
        metadata.put("tokenizer.ggml.eos_token_id", normal + 1);
        metadata.put("tokenizer.ggml.add_bos_token", true);
        return metadata;
    }

    /** LLaMA-3 has 256 control tokens; a small vocabulary has those with a role only. */
    private static int controls(int size) {
        return size > 100_000 ? 256 : ROLES.size();
    }

    /** The letters in which byte-level vocabularies write the bytes 0 to 255: themselves, or U+0100 and on. */
    private static List<String> letters() {
        List<String> letters = new ArrayList<>();
        char next = 0x100;
        for (int b = 0; b < 256; b++) {
            boolean printable = b >= '!' && b <= '~' || b >= 0xA1 && b != 0xAD;
            letters.add(
                    printable
                            ? new String(new byte[] {(byte) b}, StandardCharsets.ISO_8859_1)
                            : String.valueOf(next++));
        }
        return letters;
    }
}
