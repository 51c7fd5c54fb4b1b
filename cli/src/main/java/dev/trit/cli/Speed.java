package dev.trit.cli;

/**
 * One line of {@code trit bench}, under the names that {@code --json} prints.
 *
 * @param test pp and the number of prompt tokens, or tg and the number of generated ones; tg128@d4000 after 4,000
 *     others, tg128x8 for eight texts together
 * @param threads that computed
 * @param tokensPerS mean over the repetitions
 * @param sd standard deviation of that over the repetitions; 0 for one
 * @param bytesPerToken of weights, keys and values read for a token; a prompt reads them once for a chunk of tokens,
 *     texts together read the weights once for a token of each
 * @param gbPerS the product of the two, in 10^9 bytes per second
 * @param bandwidthBoundGbPerS what as many threads can read from memory here, measured just before
 * @param kernels that computed
 * @param head exact or screened, where tokens are generated
 * @param kv how keys and values were held: f32, f16 or q8
 */
record Speed(
        String test,
        int threads,
        double tokensPerS,
        double sd,
        double bytesPerToken,
        double gbPerS,
        double bandwidthBoundGbPerS,
        String kernels,
        String head,
        String kv) {}
