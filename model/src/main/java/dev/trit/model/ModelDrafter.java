package dev.trit.model;

import java.util.Arrays;

/** Guesses with a smaller model of the same vocabulary: always its best token. */
final class ModelDrafter implements Drafter {
    /** The match that its first guess is taken for: until some were seen, right four times in five. */
    private static final int MATCH = 8;

    private final Session session;
    private int[] text = {};

    /** @throws ModelException if the models do not have the same tokens */
    ModelDrafter(Model draft, Model model) {
        checkVocabulary(draft, model);
        session = draft.session(model.contextLength());
    }

    private static void checkVocabulary(Model draft, Model model) {
        int size = model.tokenizer().vocabularySize();
        int drafts = draft.tokenizer().vocabularySize();
        if (drafts != size) {
            throw new ModelException(
                    "draft model %s has %d tokens, %s has %d: they must share one vocabulary. Choose a draft model of the same family"
                            .formatted(draft.name(), drafts, model.name(), size));
        }
        for (int id = 0; id < size; id++) {
            if (!Arrays.equals(
                    draft.tokenizer().tokenBytes(id), model.tokenizer().tokenBytes(id))) {
                throw new ModelException(
                        "draft model %s has another token %d than %s: they must share one vocabulary. Choose a draft model of the same family"
                                .formatted(draft.name(), id, model.name()));
            }
        }
        if (draft.config().vocab() < size) {
            throw new ModelException("draft model %s computes logits of %d tokens, %d are needed"
                    .formatted(draft.name(), draft.config().vocab(), size));
        }
    }

    @Override
    public int look(int[] text, int length) {
        this.text = Arrays.copyOf(text, length);
        return length <= session.contextLength() ? MATCH : 0;
    }

    @Override
    public int draft(int[] draft, int count) {
        int same = session.reuse(text);
        session.feed(text, same, text.length);
        int n = 0;
        for (float[] logits = session.last(); ; logits = session.append(draft[n])) {
            draft[++n] = best(logits);
            if (n == count || session.remaining() == 0) {
                return n;
            }
        }
    }

    private static int best(float[] logits) {
        int best = 0;
        for (int id = 1; id < logits.length; id++) {
            best = logits[id] > logits[best] ? id : best;
        }
        return best;
    }

    @Override
    public boolean free() {
        return false;
    }

    @Override
    public void close() {
        session.close();
    }
}
