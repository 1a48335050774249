import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionInfo;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Puts records into Kafka and takes them out with Kafka's own clients: BROKERS
 *
 * Each line of standard input is a task in JSON, each line of standard output its result. Files of records have a line each: partition, key, headers,
 * value, and behind what is read also its offset, with tabs between. Bytes are base64, null is "-", headers are name:value with commas between.
 */
public class KafkaClient {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String NULL = "-";
  private final String brokers;
  private final Admin admin;

  private KafkaClient(String brokers) {
    this.brokers = brokers;
    this.admin = Admin.create(Map.of("bootstrap.servers", brokers));
  }

  public static void main(String[] arguments) throws Exception {
    KafkaClient client = new KafkaClient(arguments[0]);
    BufferedReader tasks = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = tasks.readLine(); line != null; line = tasks.readLine()) {
      Map<String, Object> answer = new HashMap<>();
      try {
        answer.put("result", client.run(JSON.readTree(line)));
      } catch (Exception error) {
        answer.put("error", String.valueOf(error));
      }
      System.out.println(JSON.writeValueAsString(answer));
    }
    client.admin.close(Duration.ZERO);
    System.exit(0);
  }

  private Object run(JsonNode task) throws Exception {
    String topic = task.path("topic").asText();
    switch (task.path("task").asText()) {
      case "create":
        Map<String, String> settings = new HashMap<>();
        task.path("settings").properties().forEach(entry -> settings.put(entry.getKey(), entry.getValue().asText()));
        NewTopic created = new NewTopic(topic, Optional.of(task.path("partitions").asInt()), Optional.empty());
        admin.createTopics(List.of(created.configs(settings))).all().get();
        return null;
      case "grow":
        NewPartitions more = NewPartitions.increaseTo(task.path("partitions").asInt());
        admin.createPartitions(Map.of(topic, more)).all().get();
        return null;
      case "delete":
        admin.deleteTopics(List.of(topic)).all().get();
        return null;
      case "write":
        return write(topic, Path.of(task.path("file").asText()), task.path("compression").asText());
      case "read":
        return read(topic, Path.of(task.path("file").asText()), task.path("isolation").asText(), task.path("from"));
      case "offsets":
        return offsets(topic, task.path("group").asText());
      case "ends":
        return ends(topic, IsolationLevel.READ_UNCOMMITTED);
      default:
        throw new IllegalArgumentException("no such task: " + task);
    }
  }

  private long write(String topic, Path file, String compression) throws Exception {
    Map<String, Object> settings = new HashMap<>();
    settings.put("bootstrap.servers", brokers);
    settings.put("compression.type", compression);
    settings.put("linger.ms", 5);
    settings.put("batch.size", 65536);
    settings.put("max.request.size", 1 << 25);
    AtomicReference<Exception> fault = new AtomicReference<>();
    long count = 0;
    try (KafkaProducer<byte[], byte[]> producer =
            new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
        BufferedReader lines = Files.newBufferedReader(file)) {
      for (String line = lines.readLine(); line != null && fault.get() == null; line = lines.readLine()) {
        String[] cells = line.split("\t", -1);
        List<Header> headers = new ArrayList<>();
        for (String header : cells[2].isEmpty() ? new String[0] : cells[2].split(",", -1)) {
          String[] parts = header.split(":", -1);
          headers.add(new RecordHeader(new String(decode(parts[0]), StandardCharsets.UTF_8), decode(parts[1])));
        }
        Integer partition = cells[0].equals(NULL) ? null : Integer.valueOf(cells[0]);
        producer.send(
            new ProducerRecord<>(topic, partition, decode(cells[1]), decode(cells[3]), headers),
            (metadata, error) -> {
              if (error != null) fault.set(error);
            });
        count++;
      }
      producer.flush();
    }
    if (fault.get() != null) throw fault.get();
    return count;
  }

  private Map<Integer, Long> read(String topic, Path file, String isolation, JsonNode from) throws Exception {
    Map<String, Object> settings = new HashMap<>();
    settings.put("bootstrap.servers", brokers);
    settings.put("isolation.level", isolation);
    settings.put("max.poll.records", 10000);
    settings.put("enable.auto.commit", false);
    Map<Integer, Long> ends = new TreeMap<>();
    try (KafkaConsumer<byte[], byte[]> consumer =
            new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        BufferedWriter lines = Files.newBufferedWriter(file)) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(topic).stream().map(info -> new TopicPartition(topic, info.partition())).toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      for (TopicPartition partition : partitions) {
        JsonNode offset = from.path(String.valueOf(partition.partition()));
        if (!offset.isMissingNode()) consumer.seek(partition, offset.asLong());
      }
      ends.putAll(endsWithoutOpenTransactions(topic));
      while (partitions.stream().anyMatch(partition -> consumer.position(partition) < ends.get(partition.partition()))) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(100))) {
          if (record.offset() < ends.get(record.partition())) lines.write(lineOf(record));
        }
      }
    }
    return ends;
  }

  private Map<Integer, Long> offsets(String topic, String group) throws Exception {
    Map<Integer, Long> offsets = new TreeMap<>();
    admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get().forEach((partition, offset) -> {
      if (partition.topic().equals(topic) && offset != null) offsets.put(partition.partition(), offset.offset());
    });
    return offsets;
  }

  /** A transaction of a process that was killed stays open until the broker gives it up; what is behind it is not read until then. */
  private Map<Integer, Long> endsWithoutOpenTransactions(String topic) throws Exception {
    Map<Integer, Long> ends = ends(topic, IsolationLevel.READ_UNCOMMITTED);
    for (int wait = 0; wait < 600 && !ends.equals(ends(topic, IsolationLevel.READ_COMMITTED)); wait++) Thread.sleep(100);
    return ends;
  }

  private Map<Integer, Long> ends(String topic, IsolationLevel isolation) throws Exception {
    Map<TopicPartition, OffsetSpec> latest = new HashMap<>();
    for (TopicPartitionInfo info : admin.describeTopics(List.of(topic)).allTopicNames().get().get(topic).partitions()) {
      latest.put(new TopicPartition(topic, info.partition()), OffsetSpec.latest());
    }
    Map<Integer, Long> ends = new TreeMap<>();
    admin.listOffsets(latest, new ListOffsetsOptions(isolation)).all().get().forEach((partition, end) -> ends.put(partition.partition(), end.offset()));
    return ends;
  }

  private static String lineOf(ConsumerRecord<byte[], byte[]> record) {
    List<String> headers = new ArrayList<>();
    for (Header header : record.headers()) {
      headers.add(encode(header.key().getBytes(StandardCharsets.UTF_8)) + ":" + encode(header.value()));
    }
    return String.join(
        "\t",
        String.valueOf(record.partition()),
        encode(record.key()),
        String.join(",", headers),
        encode(record.value()),
        record.offset() + "\n");
  }

  private static byte[] decode(String text) {
    return text.equals(NULL) ? null : Base64.getDecoder().decode(text);
  }

  private static String encode(byte[] bytes) {
    return bytes == null ? NULL : Base64.getEncoder().encodeToString(bytes);
  }
}
