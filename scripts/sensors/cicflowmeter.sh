# CICFlowMeter, the Python one from PyPI and the Java one, built from its source: of no registry, so its repository is cloned
# (or CICFLOWMETER_SOURCE names a clone). Its reader of captures, jnetpcap, lies in the repository and wants libpcap.
. ./places.sh
mkdir -p "$OUT/cicflowmeter"
python_with cicflowmeter "${PYTHON312:-python3.12}" cicflowmeter==0.4.2 scapy==2.6.1
"$cache/cicflowmeter/bin/cicflowmeter" -f "$CAPTURE" -c "$cache/python.csv" > /dev/null 2>&1
sed -n 1,45p "$cache/python.csv" > "$OUT/cicflowmeter/python.csv"

java=$cache/cicflowmeter-java
if [ ! -e "$java/made" ]; then
  rm -rf "$java" && mkdir -p "$java/native"
  git clone -q "${CICFLOWMETER_SOURCE:-https://github.com/ahlashkari/CICFlowMeter}" "$java/source"
  git -C "$java/source" checkout -q 98a5ebad0df579cc8b43eedd3421b3ae87699901
  {
    echo '<project><modelVersion>4.0.0</modelVersion><groupId>made</groupId><artifactId>libraries</artifactId>'
    echo '<version>1</version><packaging>pom</packaging><dependencies>'
    for library in org.slf4j:slf4j-log4j12:1.7.25 org.apache.commons:commons-lang3:3.6 org.apache.commons:commons-math3:3.5 \
      commons-io:commons-io:2.5 org.apache.tika:tika-core:1.17; do
      IFS=: read -r group name version <<< "$library"
      echo "<dependency><groupId>$group</groupId><artifactId>$name</artifactId><version>$version</version></dependency>"
    done
    echo '</dependencies></project>'
  } > "$java/pom.xml"
  mvn -q -B -f "$java/pom.xml" dependency:copy-dependencies -DoutputDirectory="$java/libraries"
  cp "$java"/source/jnetpcap/linux/jnetpcap-1.4.r1425/{jnetpcap.jar,libjnetpcap.so,libjnetpcap-pcap100.so} "$java/native/"
  ln -s "$(ls /usr/lib/*/libpcap.so.0.8)" "$java/native/libpcap.so"
  javac -nowarn -encoding UTF-8 -d "$java/classes" -cp "$java/libraries/*:$java/native/jnetpcap.jar" \
    -sourcepath "$java/source/src/main/java" "$java/source/src/main/java/cic/cs/unb/ca/ifm/Cmd.java" 2> /dev/null
  touch "$java/made"
fi
mkdir -p "$java/out"
rm -f "$java"/out/*.csv
cd "$java" # it keeps a log where it is
LD_LIBRARY_PATH=native java -Djava.library.path=native \
  -cp "classes:source/src/main/resources:libraries/*:native/jnetpcap.jar" \
  cic.cs.unb.ca.ifm.Cmd "$CAPTURE" out/ > /dev/null 2>&1
sed -n 1,45p "out/capture.pcap_Flow.csv" > "$OUT/cicflowmeter/java.csv"
