package dev.trit.format;

import java.util.Collection;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What {@code general.file_type} claims, held against the tensors. The claim decides nothing: the same number means
 * different types in different forks (40 is I2_S in bitnet.cpp, Q1_0 in llama.cpp), and converters get it wrong.
 */
final class GgufFileType {
    private static final Map<Integer, Set<GgmlType>> CLAIMS = Map.ofEntries(
            Map.entry(0, Set.of(GgmlType.F32)),
            Map.entry(1, Set.of(GgmlType.F16)),
            Map.entry(2, Set.of(GgmlType.Q4_0)),
            Map.entry(3, Set.of(GgmlType.Q4_1)),
            Map.entry(7, Set.of(GgmlType.Q8_0)),
            Map.entry(8, Set.of(GgmlType.Q5_0)),
            Map.entry(9, Set.of(GgmlType.Q5_1)),
            Map.entry(14, Set.of(GgmlType.Q4_K)),
            Map.entry(15, Set.of(GgmlType.Q4_K)),
            Map.entry(16, Set.of(GgmlType.Q5_K)),
            Map.entry(17, Set.of(GgmlType.Q5_K)),
            Map.entry(18, Set.of(GgmlType.Q6_K)),
            Map.entry(32, Set.of(GgmlType.BF16)),
            Map.entry(36, Set.of(GgmlType.TQ1_0)),
            Map.entry(37, Set.of(GgmlType.TQ2_0)),
            Map.entry(38, Set.of(GgmlType.MXFP4, GgmlType.TL1)),
            Map.entry(39, Set.of(GgmlType.NVFP4, GgmlType.TL2)),
            Map.entry(40, Set.of(GgmlType.Q1_0, GgmlType.I2_S)));

    private GgufFileType() {}

    /** A warning if most weights of the blocks are of another type than claimed. */
    static Optional<String> contradiction(@Nullable Object claim, Collection<GgufTensor> tensors) {
        if (!(claim instanceof Integer number) || !CLAIMS.containsKey(number)) {
            return Optional.empty();
        }
        Map<GgmlType, Long> weights = new EnumMap<>(GgmlType.class);
        for (GgufTensor t : tensors) {
            if (t.rows() > 1 && t.name().startsWith("blk.")) {
                weights.merge(t.ggmlType(), (long) t.rows() * t.cols(), (a, b) -> a > Long.MAX_VALUE - b ? a : a + b);
            }
        }
        Set<GgmlType> claimed = CLAIMS.get(number);
        return weights.entrySet().stream()
                .max(Map.Entry.comparingByValue())
                .map(Map.Entry::getKey)
                .filter(actual -> !claimed.contains(actual))
                .map(actual -> "general.file_type %d says %s, most weights are %s; the tensors are believed"
                        .formatted(
                                number,
                                String.join(
                                        " or ",
                                        claimed.stream()
                                                .map(Enum::name)
                                                .sorted()
                                                .toList()),
                                actual));
    }
}
