package dev.trit.train.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.framework.DataType;
import org.tensorflow.framework.Summary;
import org.tensorflow.util.Event;
import org.tensorflow.util.SessionLog;

/** Reads what is written with TensorFlow's own message classes. */
class TensorBoardTest {
    @TempDir
    Path folder;

    /** RFC 3720, B.4: 32 bytes of zeros have CRC-32C 0x8a9136aa. */
    @Test
    void checksumsAreMaskedCrc32c() {
        int crc = 0x8a9136aa;
        assertThat(EventFile.checksum(new byte[32], 0, 32)).isEqualTo((crc >>> 15 | crc << 17) + 0xa282ead8);
    }

    @Test
    void scalarsAndTextsAreRead() throws IOException {
        try (TensorBoard board = new TensorBoard(folder, InstantSource.fixed(Instant.ofEpochMilli(1_500)))) {
            MadeUpRun.tell(board, MadeUpRun.recipe("1m"), 0, 20, 0);
        }
        List<Event> events = events(files().getFirst());
        assertThat(events.getFirst().getFileVersion()).isEqualTo("brain.Event:2");
        assertThat(events.getFirst().getWallTime()).isEqualTo(1.5);
        List<Event> losses = tagged(events, "train/loss");
        assertThat(losses)
                .extracting(Event::getStep)
                .startsWith(1L, 2L)
                .endsWith(20L)
                .hasSize(20);
        assertThat((double) losses.getFirst().getSummary().getValue(0).getSimpleValue())
                .isCloseTo(8 + 0.05 * Math.sin(7.1), within(1e-6));
        assertThat(tagged(events, "codes_zero/model.layers.0.self_attn.q_proj.weight"))
                .hasSize(4)
                .allMatch(e -> e.getSummary().getValue(0).getSimpleValue() == 0.4f);
        Summary.Value sample =
                tagged(events, "sample/Once <upon>").getFirst().getSummary().getValue(0);
        assertThat(sample.getMetadata().getPluginData().getPluginName()).isEqualTo("text");
        assertThat(sample.getTensor().getDtype()).isEqualTo(DataType.DT_STRING);
        assertThat(sample.getTensor().getTensorShape().getDim(0).getSize()).isEqualTo(1);
        assertThat(sample.getTensor().getStringVal(0).toStringUtf8())
                .isEqualTo("Once <upon> a time & \"then\"\nnothing");
    }

    @Test
    void aResumedRunVoidsTheStepsItTakesAgain() throws IOException {
        for (int from : new int[] {0, 40}) {
            InstantSource clock = InstantSource.fixed(Instant.ofEpochSecond(100 + from));
            try (TensorBoard board = new TensorBoard(folder, clock)) {
                MadeUpRun.tell(board, MadeUpRun.recipe("1m"), from, from + 20, 0);
            }
        }
        assertThat(files()).hasSize(2);
        List<Event> restarts =
                events(files().get(1)).stream().filter(Event::hasSessionLog).toList();
        assertThat(restarts).hasSize(1);
        assertThat(restarts.getFirst().getSessionLog().getStatus()).isEqualTo(SessionLog.SessionStatus.START);
        assertThat(restarts.getFirst().getStep()).isEqualTo(41);
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> list = Files.list(folder)) {
            return list.sorted(Comparator.naturalOrder()).toList();
        }
    }

    private static List<Event> tagged(List<Event> events, String tag) {
        return events.stream()
                .filter(e -> e.getSummary().getValueList().stream()
                        .anyMatch(v -> v.getTag().equals(tag)))
                .toList();
    }

    private static List<Event> events(Path file) throws IOException {
        ByteBuffer in = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        List<Event> events = new ArrayList<>();
        while (in.hasRemaining()) {
            int at = in.position();
            int length = Math.toIntExact(in.getLong());
            assertThat(in.getInt()).isEqualTo(EventFile.checksum(in.array(), at, 8));
            byte[] data = new byte[length];
            in.get(data);
            assertThat(in.getInt()).isEqualTo(EventFile.checksum(data, 0, length));
            events.add(Event.parseFrom(data));
        }
        return events;
    }
}
