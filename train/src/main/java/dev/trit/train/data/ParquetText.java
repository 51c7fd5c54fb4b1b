package dev.trit.train.data;

import dev.trit.train.TrainException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.apache.parquet.ParquetReadOptions;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.ColumnReader;
import org.apache.parquet.column.impl.ColumnReadStoreImpl;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.io.LocalInputFile;
import org.apache.parquet.io.api.Converter;
import org.apache.parquet.io.api.GroupConverter;
import org.apache.parquet.io.api.PrimitiveConverter;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type;

/** The texts of one column of a Parquet file, row by row; the other columns are not read. */
final class ParquetText {
    /** The column reader wants one for its own way of delivering values, which is not used here. */
    private static final class Unused extends GroupConverter {
        @Override
        public Converter getConverter(int field) {
            return new PrimitiveConverter() {};
        }

        @Override
        public void start() {}

        @Override
        public void end() {}
    }

    private ParquetText() {}

    /**
     * Rows without a value are left out.
     *
     * @param progress is told how much of the file is read, in its bytes: as many of them as rows of all rows
     * @throws TrainException if the file is not Parquet, or has no such column of text
     */
    static void read(Path file, String column, Consumer<String> each, LongConsumer progress) throws IOException {
        ParquetReadOptions options = ParquetReadOptions.builder(new PlainParquetConfiguration())
                .withCodecFactory(new PageCodecs())
                .build();
        LocalInputFile input = new LocalInputFile(file);
        long bytes = input.getLength(); // fails as other files do where there is none
        long row = 0;
        try (ParquetFileReader reader = ParquetFileReader.open(input, options)) {
            MessageType schema = reader.getFileMetaData().getSchema();
            MessageType wanted = new MessageType(schema.getName(), column(file, schema, column));
            reader.setRequestedSchema(wanted);
            ColumnDescriptor descriptor = wanted.getColumns().getFirst();
            long rows = Math.max(1, reader.getRecordCount());
            for (PageReadStore group = reader.readNextRowGroup(); group != null; group = reader.readNextRowGroup()) {
                ColumnReader values = new ColumnReadStoreImpl(
                                group,
                                new Unused(),
                                wanted,
                                reader.getFileMetaData().getCreatedBy())
                        .getColumnReader(descriptor);
                for (long i = 0; i < group.getRowCount(); i++, row++) {
                    if (values.getCurrentDefinitionLevel() == descriptor.getMaxDefinitionLevel()) {
                        each.accept(text(file, row, values.getBinary().toByteBuffer()));
                    }
                    values.consume();
                    progress.accept((long) ((double) bytes / rows * (row + 1)));
                }
            }
        } catch (TrainException e) {
            throw e;
        } catch (RuntimeException e) { // what the library throws at damaged files
            throw new TrainException(
                    "%s: row %d: not readable as Parquet: %s".formatted(file, row + 1, e.getMessage()), e);
        }
    }

    private static Type column(Path file, MessageType schema, String column) {
        if (schema.containsField(column)) {
            Type type = schema.getType(column);
            if (type.isPrimitive()
                    && !type.isRepetition(Type.Repetition.REPEATED)
                    && type.asPrimitiveType().getPrimitiveTypeName() == PrimitiveTypeName.BINARY) {
                return type;
            }
        }
        throw new TrainException("%s: no column \"%s\" of text: name one of its columns with --field: %s"
                .formatted(
                        file,
                        column,
                        schema.getFields().stream().map(Type::getName).toList()));
    }

    private static String text(Path file, long row, ByteBuffer utf8) {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(utf8).toString();
        } catch (CharacterCodingException e) {
            throw new TrainException("%s: row %d: not UTF-8".formatted(file, row + 1), e);
        }
    }
}
