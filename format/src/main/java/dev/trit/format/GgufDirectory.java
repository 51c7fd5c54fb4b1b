package dev.trit.format;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Turns the directory of a GGUF file into tensors with types, shapes and places, after checking that each lies inside
 * the file and none touches another.
 */
final class GgufDirectory {
    /** A tensor, [rows, cols]. @param start of its bytes, counted from the beginning of the file */
    record Placed(String name, GgmlType type, int rows, int cols, long start, long bytes) {}

    private static final Map<Long, GgmlType> BY_ID = byId();

    private static Map<Long, GgmlType> byId() {
        Map<Long, GgmlType> byId = new HashMap<>();
        for (GgmlType t : GgmlType.values()) {
            byId.putIfAbsent((long) t.id(), t);
        }
        return Map.copyOf(byId);
    }

    private final GgufHeader header;
    private final long fileSize;
    private final List<String> warnings;
    private final Set<String> names = new HashSet<>();
    private final boolean bitnet;

    private GgufDirectory(GgufHeader header, long fileSize, List<String> warnings) {
        this.header = header;
        this.fileSize = fileSize;
        this.warnings = warnings;
        header.entries().forEach(e -> names.add(e.name()));
        this.bitnet = header.metadata().get("general.architecture") instanceof String a && a.startsWith("bitnet");
    }

    /** All tensors in the order of the file's directory. */
    static List<Placed> resolve(GgufHeader header, long fileSize, List<String> warnings) {
        return new GgufDirectory(header, fileSize, warnings).resolve();
    }

    private List<Placed> resolve() {
        List<GgufHeader.Entry> entries = header.entries();
        for (GgufHeader.Entry e : entries) {
            if (e.offset() < 0 || e.offset() > fileSize - header.dataStart() || e.offset() % header.alignment() != 0) {
                throw new FormatException(
                                "the offset is out of range or not aligned",
                                "a multiple of %d up to %d"
                                        .formatted(header.alignment(), fileSize - header.dataStart()),
                                Long.toUnsignedString(e.offset()),
                                "The file is truncated or damaged; download it again.")
                        .at(null, e.name());
            }
        }
        List<Integer> byOffset = new ArrayList<>();
        for (int i = 0; i < entries.size(); i++) {
            byOffset.add(i);
        }
        byOffset.sort(Comparator.comparingLong(i -> entries.get(i).offset()));
        long[] room = new long[entries.size()]; // bytes up to the next tensor or the end of the file
        for (int k = 0; k < room.length; k++) {
            long next = k + 1 < room.length ? entries.get(byOffset.get(k + 1)).offset() : fileSize - header.dataStart();
            room[byOffset.get(k)] = next - entries.get(byOffset.get(k)).offset();
        }
        GgmlType q2 = blocksOfQ2(entries, room);
        Placed[] placed = new Placed[entries.size()];
        for (int k = 0; k < placed.length; k++) {
            int i = byOffset.get(k);
            String after =
                    k + 1 < placed.length ? entries.get(byOffset.get(k + 1)).name() : null;
            try {
                placed[i] = place(entries.get(i), q2);
                if (placed[i].bytes() > room[i]) {
                    throw new FormatException(
                            after == null
                                    ? "the file ends inside its data"
                                    : "its data overlaps that of " + FormatException.clip(after),
                            placed[i].bytes() + " bytes of " + placed[i].type(),
                            room[i],
                            "The file is truncated or damaged; download it again.");
                }
            } catch (FormatException e) {
                throw e.at(null, entries.get(i).name());
            }
        }
        return List.of(placed);
    }

    private Placed place(GgufHeader.Entry e, GgmlType q2) {
        long cols = e.dims()[0];
        long rows = 1;
        for (int d = 1; d < e.dims().length; d++) {
            long dim = e.dims()[d];
            rows = dim > Integer.MAX_VALUE ? Long.MAX_VALUE : rows * dim;
            if (rows > Integer.MAX_VALUE) {
                break;
            }
        }
        if (rows > Integer.MAX_VALUE || cols > Integer.MAX_VALUE) {
            throw new FormatException(
                    "the shape is too large",
                    "up to 2^31 - 1 rows and columns",
                    "columns-first " + Arrays.toString(e.dims()));
        }
        GgmlType type = type(e, q2);
        return new Placed(
                e.name(), type, (int) rows, (int) cols, header.dataStart() + e.offset(), type.bytes(rows, cols));
    }

    /** The meaning of a type id here. Not from general.file_type: its numbers clash between forks as well. */
    private GgmlType type(GgufHeader.Entry e, GgmlType q2) {
        if (e.typeId() == GgmlType.TL2.id()) {
            return bitnet || names.contains(e.name() + "_scale") ? GgmlType.TL2 : GgmlType.MXFP4;
        }
        if (e.typeId() == GgmlType.Q2_0.id()) {
            return q2;
        }
        GgmlType type = BY_ID.get(e.typeId());
        if (type == null) {
            throw new FormatException(
                    "unknown tensor type", "an id such as 0 (F32), 35 (TQ2_0) or 36 (I2_S)", e.typeId());
        }
        return type;
    }

    /**
     * Blocks of 64 (llama.cpp) or 128 (PrismML's first files)? Only the space that the tensors take tells: with the
     * right size every gap but the last is filled up to the alignment.
     */
    private GgmlType blocksOfQ2(List<GgufHeader.Entry> entries, long[] room) {
        boolean any = false;
        boolean of64 = true;
        boolean of128 = true;
        for (int i = 0; i < room.length; i++) {
            if (entries.get(i).typeId() == GgmlType.Q2_0.id()) {
                any = true;
                of64 &= fills(entries.get(i), GgmlType.Q2_0, room[i]);
                of128 &= fills(entries.get(i), GgmlType.Q2_0_128, room[i]);
            }
        }
        if (any && of64 && of128) {
            warnings.add("Q2_0 tensors are too small to tell blocks of 64 from blocks of 128; read as 64");
        }
        return of128 && !of64 ? GgmlType.Q2_0_128 : GgmlType.Q2_0;
    }

    private boolean fills(GgufHeader.Entry e, GgmlType type, long room) {
        try {
            long bytes = place(e, type).bytes();
            return bytes <= room && room <= GgufHeader.align(bytes, header.alignment());
        } catch (FormatException impossibleShape) {
            return false; // place() reports it again, with the type that was chosen
        }
    }
}
