package dev.trit.text;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;

/**
 * Reads a tiktoken rank file: per line the bytes of a token in base64 and its rank, which is its id. Such files have no
 * merges; any two tokens may merge whose joined bytes are a token, lowest id first, so all those pairs are the merges.
 */
final class TiktokenRanks {
    private TiktokenRanks() {}

    static Vocabulary read(byte[] file, PreTokenizer preTokenizer, List<String> special) {
        List<String> texts = new ArrayList<>();
        int number = 0;
        for (String line : new String(file, StandardCharsets.US_ASCII).split("\n", -1)) {
            number++;
            if (line.isBlank()) {
                continue;
            }
            if (texts.size() == Vocabulary.MAX_TOKENS) {
                throw new TextException("rank file has more than " + texts.size() + " tokens");
            }
            int space = line.indexOf(' ');
            byte[] token;
            int rank;
            try {
                token = Base64.getDecoder().decode(line.substring(0, Math.max(0, space)));
                rank = Integer.parseInt(line.substring(space + 1).strip());
            } catch (IllegalArgumentException e) {
                throw new TextException("rank file, line " + number + ": expected base64, a space and a rank", e);
            }
            if (rank != texts.size() || token.length == 0) {
                throw new TextException("rank file, line " + number + ": rank " + rank + " with " + token.length
                        + " bytes; expected rank " + texts.size() + " and at least one byte");
            }
            char[] letters = new char[token.length];
            for (int i = 0; i < letters.length; i++) {
                letters[i] = ByteAlphabet.letter(token[i] & 0xFF);
            }
            texts.add(new String(letters));
        }
        int ranked = texts.size();
        List<String> merges = merges(texts);
        texts.addAll(special);
        byte[] types = new byte[texts.size()];
        Arrays.fill(types, 0, ranked, (byte) TokenType.NORMAL.code());
        Arrays.fill(types, ranked, types.length, (byte) TokenType.CONTROL.code());
        TokenTable tokens = new TokenTable(texts, types, new float[0]);
        int bos = SpecialTokenNames.find(tokens, SpecialTokenNames.BOS);
        int eos = SpecialTokenNames.find(tokens, SpecialTokenNames.EOS);
        int none = SpecialTokens.NONE;
        return new Vocabulary(
                Vocabulary.Kind.BYTE_BPE,
                tokens,
                merges,
                preTokenizer,
                SpecialTokenNames.added(tokens),
                SpecialTokenNames.roles(tokens, bos, eos, none, none, none, preTokenizer.addBos(), false),
                SpacePrefix.NEVER,
                false,
                null,
                List.of());
    }

    private static List<String> merges(List<String> texts) {
        TokenIndex index = new TokenIndex(texts.toArray(new String[0]));
        List<String> merges = new ArrayList<>();
        for (String text : texts) {
            for (int cut = 1; cut < text.length(); cut++) {
                String left = text.substring(0, cut);
                String right = text.substring(cut);
                if (index.find(left) >= 0 && index.find(right) >= 0) {
                    merges.add(left + " " + right);
                }
            }
        }
        return merges;
    }
}
