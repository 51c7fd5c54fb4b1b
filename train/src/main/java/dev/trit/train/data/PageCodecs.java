package dev.trit.train.data;

import com.github.luben.zstd.Zstd;
import io.airlift.compress.lz4.Lz4Decompressor;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.GZIPInputStream;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.compression.CompressionCodecFactory;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.xerial.snappy.Snappy;

/** How the pages of Parquet files are unpacked: none, snappy, gzip, zstd and lz4_raw, on the heap and without Hadoop. */
final class PageCodecs implements CompressionCodecFactory {
    /** Packed bytes to exactly {@code out.length} bytes. */
    private interface Unpack {
        void unpack(byte[] packed, byte[] out) throws IOException;
    }

    @Override
    public BytesInputDecompressor getDecompressor(CompressionCodecName codec) {
        return switch (codec) {
            case UNCOMPRESSED -> new Pages((packed, out) -> System.arraycopy(packed, 0, out, 0, out.length));
            case SNAPPY -> new Pages((packed, out) -> expect(out, Snappy.uncompress(packed, 0, packed.length, out, 0)));
            case ZSTD -> new Pages((packed, out) -> expect(out, Zstd.decompress(out, packed)));
            case LZ4_RAW ->
                new Pages((packed, out) ->
                        expect(out, new Lz4Decompressor().decompress(packed, 0, packed.length, out, 0, out.length)));
            case GZIP -> new Pages(PageCodecs::gunzip);
            default ->
                throw new UnsupportedOperationException("pages packed with " + codec
                        + ": expected none, snappy, gzip, zstd or lz4_raw: write the file again with one of them");
        };
    }

    private static void gunzip(byte[] packed, byte[] out) throws IOException {
        try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(packed))) {
            expect(out, in.readNBytes(out, 0, out.length));
        }
    }

    private static void expect(byte[] out, long got) throws IOException {
        if (got != out.length) {
            throw new IOException("a page of %d bytes unpacks to %d: the file is damaged".formatted(out.length, got));
        }
    }

    @Override
    public BytesInputCompressor getCompressor(CompressionCodecName codec) {
        throw new UnsupportedOperationException("nothing is written as Parquet");
    }

    @Override
    public void release() {
        // nothing is held
    }

    private record Pages(Unpack codec) implements BytesInputDecompressor {
        @Override
        public BytesInput decompress(BytesInput packed, int size) throws IOException {
            byte[] out = new byte[size];
            codec.unpack(packed.toByteArray(), out);
            return BytesInput.from(out);
        }

        @Override
        public void decompress(ByteBuffer packed, int packedSize, ByteBuffer out, int size) throws IOException {
            byte[] in = new byte[packedSize];
            packed.get(in);
            byte[] unpacked = new byte[size];
            codec.unpack(in, unpacked);
            out.put(unpacked);
        }

        @Override
        public void release() {
            // nothing is held
        }
    }
}
