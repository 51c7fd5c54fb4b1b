package dev.trit.train.report;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;

/**
 * A TensorBoard event file: records of length, checksum of the length, an {@code Event} message, checksum of the message;
 * checksums are CRC-32C, rotated and shifted so that data with checksums inside can be checked again (TFRecord).
 */
final class EventFile implements AutoCloseable {
    private static final int MASK = 0xa282ead8;

    private final OutputStream out;

    /** @param seconds wall time, since 1970 */
    EventFile(Path file, double seconds) throws IOException {
        Files.createDirectories(file.toAbsolutePath().getParent());
        this.out = Files.newOutputStream(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        record(new Protobuf().real64(1, seconds).text(3, "brain.Event:2"));
    }

    /** Tells TensorBoard that what earlier files say of {@code step} and later ones is void. */
    void restart(double seconds, long step) throws IOException {
        record(event(seconds, step).message(7, new Protobuf().whole(1, 1))); // SessionLog.START
    }

    void scalar(double seconds, long step, String tag, double value) throws IOException {
        Protobuf v = new Protobuf().text(1, tag).real32(2, (float) value);
        record(event(seconds, step).message(5, new Protobuf().message(1, v)));
    }

    /** @param markdown as TensorBoard's text page shows it */
    void text(double seconds, long step, String tag, String markdown) throws IOException {
        Protobuf shape = new Protobuf().message(2, new Protobuf().whole(1, 1)); // one dimension of one
        Protobuf tensor = new Protobuf().whole(1, 7).message(2, shape).text(8, markdown); // DT_STRING
        Protobuf plugin = new Protobuf().message(1, new Protobuf().text(1, "text"));
        Protobuf v = new Protobuf().text(1, tag).message(8, tensor).message(9, plugin);
        record(event(seconds, step).message(5, new Protobuf().message(1, v)));
    }

    void flush() throws IOException {
        out.flush();
    }

    @Override
    public void close() throws IOException {
        out.close();
    }

    private static Protobuf event(double seconds, long step) {
        return new Protobuf().real64(1, seconds).whole(2, step);
    }

    private void record(Protobuf event) throws IOException {
        byte[] data = event.toBytes();
        ByteBuffer record = ByteBuffer.allocate(8 + 4 + data.length + 4).order(ByteOrder.LITTLE_ENDIAN);
        record.putLong(data.length);
        record.putInt(checksum(record.array(), 0, 8));
        record.put(data).putInt(checksum(data, 0, data.length));
        out.write(record.array());
    }

    static int checksum(byte[] bytes, int from, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, from, length);
        return Integer.rotateRight((int) crc.getValue(), 15) + MASK;
    }
}
