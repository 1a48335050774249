import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import java.io.PrintWriter;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Scores flows with an exported model in onnxruntime for Java, as score_flows.py does: MODEL FLOWS.tsv SCORES.tsv */
public class ScoreFlows {
  public static void main(String[] arguments) throws Exception {
    List<String> lines = Files.readAllLines(Path.of(arguments[1]));
    List<String> header = Arrays.asList(lines.get(0).split("\t", -1));
    List<String[]> flows = lines.stream().skip(1).map(line -> line.split("\t", -1)).toList();
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    try (OrtSession session = environment.createSession(arguments[0])) {
      Map<String, OnnxTensor> inputs = new HashMap<>();
      for (NodeInfo input : session.getInputInfo().values()) {
        int column = header.indexOf(input.getName());
        TensorInfo info = (TensorInfo) input.getInfo();
        long[] shape = info.getShape().length == 2 ? new long[] {flows.size(), 1} : new long[] {flows.size()};
        inputs.put(
            input.getName(),
            info.type == OnnxJavaType.STRING
                ? texts(environment, flows, column, shape)
                : numbers(environment, flows, column, shape));
      }
      try (OrtSession.Result outputs = session.run(inputs, Set.of("score", "probability", "is_anomaly"));
          PrintWriter scores = new PrintWriter(arguments[2])) {
        float[][] score = (float[][]) outputs.get("score").get().getValue();
        float[][] probability = (float[][]) outputs.get("probability").get().getValue();
        boolean[][] isAnomaly = (boolean[][]) outputs.get("is_anomaly").get().getValue();
        scores.println("flow_id\tscore\tprobability\tis_anomaly");
        int flowId = header.indexOf("flow_id");
        for (int i = 0; i < score.length; i++) {
          scores.println(
              flows.get(i)[flowId] + "\t" + score[i][0] + "\t" + probability[i][0] + "\t" + isAnomaly[i][0]);
        }
      }
    }
    System.out.println("Java " + Runtime.version().feature());
  }

  private static OnnxTensor texts(OrtEnvironment environment, List<String[]> flows, int column, long[] shape)
      throws Exception {
    String[] values = flows.stream().map(flow -> flow[column]).toArray(String[]::new);
    return OnnxTensor.createTensor(environment, values, shape);
  }

  private static OnnxTensor numbers(OrtEnvironment environment, List<String[]> flows, int column, long[] shape)
      throws Exception {
    FloatBuffer values = FloatBuffer.allocate(flows.size());
    for (String[] flow : flows) values.put(flow[column].isEmpty() ? Float.NaN : Float.parseFloat(flow[column]));
    values.rewind();
    return OnnxTensor.createTensor(environment, values, shape);
  }
}
