package dev.trit.text;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Special tokens that are known by their text where a file does not name their role. */
final class SpecialTokenNames {
    static final List<String> BOS = List.of("<|begin_of_text|>", "<s>", "<|bos|>", "<bos>", "<|startoftext|>");
    static final List<String> EOS =
            List.of("<|end_of_text|>", "</s>", "<|eos|>", "<eos>", "<|im_end|>", "<|endoftext|>");
    private static final List<String> EOT =
            List.of("<|eot_id|>", "<|im_end|>", "<|end|>", "<end_of_turn>", "<|endoftext|>", "<EOT>", "_<EOT>");
    /** Generation ends after any of these, whatever the file calls its end token (llama.cpp keeps the same list). */
    private static final List<String> END_OF_GENERATION = List.of(
            "<|eot_id|>",
            "<|eom_id|>",
            "<|end_of_text|>",
            "<|im_end|>",
            "<|end|>",
            "<|endoftext|>",
            "<end_of_turn>",
            "<end_of_utterance>",
            "<EOT>",
            "_<EOT>",
            "[EOT]",
            "[EOS]",
            "<eos>");

    private SpecialTokenNames() {}

    /** The first of these texts that is a control or user-defined token, or {@link SpecialTokens#NONE}. */
    static int find(TokenTable tokens, List<String> texts) {
        for (String text : texts) {
            int id = tokens.index().find(text);
            if (id >= 0 && (isControl(tokens, id) || tokens.typeCode(id) == TokenType.USER_DEFINED.code())) {
                return id;
            }
        }
        return SpecialTokens.NONE;
    }

    /** The roles as given, completed by name: end of turn, and every end of generation. */
    static SpecialTokens roles(
            TokenTable tokens,
            int bos,
            int eos,
            int eot,
            int unk,
            int pad,
            boolean addBos,
            boolean addEos,
            int... alsoEnds) {
        int turn = eot != SpecialTokens.NONE ? eot : find(tokens, EOT);
        Set<Integer> ends = new TreeSet<>();
        for (int end : alsoEnds) {
            ends.add(end);
        }
        ends.add(eos);
        ends.add(turn);
        for (String text : END_OF_GENERATION) {
            ends.add(find(tokens, List.of(text)));
        }
        ends.remove(SpecialTokens.NONE);
        return new SpecialTokens(bos, eos, turn, unk, pad, addBos, addEos, ends);
    }

    /** Control, unknown and user-defined tokens, found in text as they are written. */
    static List<AddedToken> added(TokenTable tokens) {
        List<AddedToken> added = new ArrayList<>();
        for (int id = 0; id < tokens.size(); id++) {
            boolean control = isControl(tokens, id);
            if ((control || tokens.typeCode(id) == TokenType.USER_DEFINED.code())
                    && !tokens.text(id).isEmpty()) {
                added.add(new AddedToken(id, tokens.text(id), control));
            }
        }
        return added;
    }

    /** User-defined tokens that are not looked for in the raw text, written as SentencePiece writes spaces. */
    static List<AddedToken> userDefinedPieces(Vocabulary v) {
        Set<Integer> added = new TreeSet<>();
        v.added().forEach(token -> added.add(token.id()));
        return added(v.tokens()).stream()
                .filter(token -> !token.special() && !added.contains(token.id()))
                .toList();
    }

    private static boolean isControl(TokenTable tokens, int id) {
        int type = tokens.typeCode(id);
        return type == TokenType.CONTROL.code() || type == TokenType.UNKNOWN.code();
    }
}
