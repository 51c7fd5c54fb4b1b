package dev.trit.model;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * How often a model finds the right one of several continuations the likeliest, as EleutherAI's lm-evaluation-harness
 * measures it: a choice is scored by the sum of its tokens' log-probabilities after the query and a blank.
 *
 * @param accuracy share of questions of which the choice with the best sum is right
 * @param accuracyStderr its standard error
 * @param accuracyNorm the same with each sum divided by the characters of its choice
 * @param accuracyNormStderr its standard error
 * @param questions asked
 */
public record MultipleChoice(
        double accuracy, double accuracyStderr, double accuracyNorm, double accuracyNormStderr, int questions) {

    /**
     * One question.
     *
     * @param query what the choices continue
     * @param choices at least two
     * @param gold the index of the right one
     */
    public record Question(String query, List<String> choices, int gold) {
        /** @throws ModelException if there is nothing to choose, or {@code gold} is none of the choices */
        public Question {
            choices = List.copyOf(choices);
            if (query.isEmpty() || choices.size() < 2 || choices.stream().anyMatch(String::isEmpty)) {
                throw new ModelException("a question needs a query and at least two choices, none of them empty");
            }
            if (gold < 0 || gold >= choices.size()) {
                throw new ModelException("gold must be from 0 to %d, got %d".formatted(choices.size() - 1, gold));
            }
        }
    }

    /** Hears of each question. */
    @FunctionalInterface
    public interface Progress {
        /**
         * @param soFar over the questions asked
         * @param logLikelihoods of the choices of the last one
         */
        void asked(MultipleChoice soFar, double[] logLikelihoods);
    }

    /**
     * Reads questions, a JSON object with {@code query}, {@code choices} and {@code gold} on each line; other members are
     * passed over.
     *
     * @throws ModelException naming the line, if one is none
     */
    public static List<Question> read(Path jsonLines) throws IOException {
        List<Question> questions = new ArrayList<>();
        List<String> lines = Files.readAllLines(jsonLines);
        for (int i = 0; i < lines.size(); i++) {
            if (!lines.get(i).isBlank()) {
                try {
                    questions.add(question(JsonMapper.shared().readTree(lines.get(i))));
                } catch (JacksonException | ModelException e) {
                    String why = e instanceof JacksonException json ? json.getOriginalMessage() : e.getMessage();
                    throw new ModelException("%s, line %d: %s".formatted(jsonLines, i + 1, why));
                }
            }
        }
        if (questions.isEmpty()) {
            throw new ModelException(jsonLines + ": no questions in it");
        }
        return questions;
    }

    private static Question question(JsonNode node) {
        JsonNode query = node.path("query");
        JsonNode choices = node.path("choices");
        JsonNode gold = node.path("gold");
        if (!query.isString() || !choices.isArray() || !gold.isIntegralNumber() || !gold.canConvertToInt()) {
            throw new ModelException("expected {\"query\": \"...\", \"choices\": [\"...\", \"...\"], \"gold\": 0}, got "
                    + node.propertyNames());
        }
        List<String> texts = new ArrayList<>();
        choices.forEach(choice -> texts.add(choice.isString() ? choice.asString() : "")); // which is refused
        return new Question(query.asString(), texts, gold.asInt());
    }

    /**
     * Asks all questions. What does not fit the model's context loses its beginning.
     *
     * @param progress called after each question, or null
     */
    public static MultipleChoice measure(Model model, List<Question> questions, @Nullable Progress progress) {
        int right = 0;
        int rightNorm = 0;
        int asked = 0;
        MultipleChoice result = of(0, 0, 0);
        try (Session session = model.session()) {
            for (Question question : questions) {
                int n = question.choices().size();
                double[] sums = new double[n];
                double[] means = new double[n];
                for (int i = 0; i < n; i++) {
                    String choice = question.choices().get(i);
                    sums[i] = logLikelihood(session, question.query(), " " + choice);
                    means[i] = sums[i] / choice.codePointCount(0, choice.length());
                }
                right += best(sums) == question.gold() ? 1 : 0;
                rightNorm += best(means) == question.gold() ? 1 : 0;
                asked++;
                result = of(right, rightNorm, asked);
                if (progress != null) {
                    progress.asked(result, sums);
                }
            }
        }
        return result;
    }

    /** The log-probability of {@code continuation} after {@code query}; what the session has seen of it is used again. */
    private static double logLikelihood(Session session, String query, String continuation) {
        var tokenizer = session.model().tokenizer();
        int[] ids = tokenizer.encode(query + continuation, true, false);
        int start = tokenizer.encode(query, true, false).length;
        int over = Math.min(Math.max(0, ids.length - session.contextLength()), start - 1);
        int[] read = Arrays.copyOfRange(ids, over, ids.length);
        int first = start - over; // of the continuation
        session.truncate(Math.min(session.reuse(read), first - 1));
        int position = session.position();
        double[] sum = new double[1];
        session.append(Arrays.copyOfRange(read, position, read.length), first - 1 - position, (i, logits) -> {
            int next = position + i + 1;
            if (next < read.length) {
                sum[0] += logits[read[next]] - Logprob.logSumExp(logits);
            }
        });
        return sum[0];
    }

    private static int best(double[] values) {
        int best = 0;
        for (int i = 1; i < values.length; i++) {
            best = values[i] > values[best] ? i : best;
        }
        return best;
    }

    private static MultipleChoice of(int right, int rightNorm, int asked) {
        double p = (double) right / Math.max(1, asked);
        double q = (double) rightNorm / Math.max(1, asked);
        double n = Math.max(1, asked - 1);
        return new MultipleChoice(p, Math.sqrt(p * (1 - p) / n), q, Math.sqrt(q * (1 - q) / n), asked);
    }
}
