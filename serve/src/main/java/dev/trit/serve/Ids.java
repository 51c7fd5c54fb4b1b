package dev.trit.serve;

import dev.trit.text.Tokenizer;
import java.util.concurrent.ThreadLocalRandom;
import tools.jackson.databind.JsonNode;

/** Ids: those of answers, and those of tokens in requests. */
final class Ids {
    private Ids() {}

    /** A name that no other answer has. */
    static String next(String prefix) {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        return "%s%016x%08x".formatted(prefix, random.nextLong(), random.nextInt());
    }

    /** @throws ServeException if one is not a token */
    static int[] of(JsonNode array, String name, Tokenizer tokenizer) {
        int[] ids = new int[array.size()];
        for (int i = 0; i < ids.length; i++) {
            JsonNode id = array.get(i);
            if (!id.isIntegralNumber()
                    || !id.canConvertToInt()
                    || id.asInt() < 0
                    || id.asInt() >= tokenizer.vocabularySize()) {
                throw ServeException.invalid(
                        name,
                        "%s must hold token ids from 0 to %d, got %s at place %d"
                                .formatted(name, tokenizer.vocabularySize() - 1, id, i));
            }
            ids[i] = id.asInt();
        }
        return ids;
    }

    /** What stands for an empty prompt: the begin token, else the one that ends texts. */
    static int[] begin(Tokenizer tokenizer) {
        int id = tokenizer.bos() >= 0 ? tokenizer.bos() : tokenizer.eos();
        if (id < 0) {
            throw ServeException.invalid("prompt", "the prompt is empty, and this model has no token to begin with");
        }
        return new int[] {id};
    }
}
