//! Scores flows with an exported model in Rust, as score_flows.py does: ONNXRUNTIME MODEL FLOWS.tsv SCORES.tsv
//!
//! ONNXRUNTIME is onnxruntime's shared library.

use std::error::Error;
use std::fs::{File, read_to_string};
use std::io::{BufWriter, Write};

use ort::session::{Session, SessionInputValue};
use ort::value::{Outlet, Tensor, TensorElementType, ValueType};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [library, model, flows, scores] = arguments.as_slice() else {
        return Err("usage: score-flows ONNXRUNTIME MODEL FLOWS.tsv SCORES.tsv".into());
    };
    let environment = ort::init_from(library)?.with_telemetry(false).build()?;
    let mut session = Session::builder(&environment)?.commit_from_file(model)?;
    let text = read_to_string(flows)?;
    let mut lines = text
        .lines()
        .map(|line| line.split('\t').collect::<Vec<_>>());
    let header = lines.next().ok_or("the file of flows is empty")?;
    let rows: Vec<Vec<&str>> = lines.collect();
    let column = |name: &str| -> Result<Vec<&str>, String> {
        let place = header
            .iter()
            .position(|each| *each == name)
            .ok_or(format!("no column {name}"))?;
        Ok(rows.iter().map(|row| row[place]).collect())
    };
    let inputs = session
        .inputs()
        .iter()
        .map(|input| {
            Ok((
                input.name().to_string(),
                tensor(input, &column(input.name())?)?,
            ))
        })
        .collect::<Result<Vec<_>, Box<dyn Error>>>()?;
    let outputs = session.run(inputs)?;
    let (_, score) = outputs["score"].try_extract_tensor::<f32>()?;
    let (_, probability) = outputs["probability"].try_extract_tensor::<f32>()?;
    let (_, is_anomaly) = outputs["is_anomaly"].try_extract_tensor::<bool>()?;
    let mut file = BufWriter::new(File::create(scores)?);
    writeln!(file, "flow_id\tscore\tprobability\tis_anomaly")?;
    for (row, flow_id) in column("flow_id")?.iter().enumerate() {
        writeln!(
            file,
            "{flow_id}\t{}\t{}\t{}",
            score[row], probability[row], is_anomaly[row]
        )?;
    }
    Ok(file.flush()?)
}

/// A missing number is NaN, a missing text empty, as it is in the file.
fn tensor(input: &Outlet, texts: &[&str]) -> Result<SessionInputValue<'static>, Box<dyn Error>> {
    let ValueType::Tensor { ty, shape, .. } = input.dtype() else {
        return Err(format!("{} is no tensor", input.name()).into());
    };
    let sizes = if shape.len() == 2 {
        vec![texts.len(), 1]
    } else {
        vec![texts.len()]
    };
    if *ty == TensorElementType::String {
        let owned: Vec<String> = texts.iter().map(|text| text.to_string()).collect();
        return Ok(Tensor::from_string_array((sizes, owned.as_slice()))?.into());
    }
    let numbers: Result<Vec<f32>, _> = texts
        .iter()
        .map(|text| {
            if text.is_empty() {
                Ok(f32::NAN)
            } else {
                text.parse()
            }
        })
        .collect();
    Ok(Tensor::from_array((sizes, numbers?))?.into())
}
