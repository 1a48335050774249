/** A file of a public data set, known by its bytes: any place that gives these bytes will do. */
export interface PublicFile {
  readonly name: string;
  readonly bytes: number;
  /** SHA-256, hexadecimal. */
  readonly sha256: string;
  readonly flows: number;
  /** Where it is, the place that is asked first before the others; each address names one version for good. */
  readonly sources: readonly string[];
}

/** A data set of flows that others have published. */
export interface PublicDataset {
  /** As `oddflow fetch` takes it; the folder's name too. */
  readonly name: string;
  readonly title: string;
  /** The page of those who made it. */
  readonly page: string;
  /** What those who made it allow, in short. */
  readonly terms: string;
  readonly citation: string;
  readonly training: PublicFile;
  readonly test: PublicFile;
}

const NSL_KDD = [
  "https://raw.githubusercontent.com/defcom17/NSL_KDD/27bbbdf5c5cccf9970b8b6037a0f19dc09c5a0a9",
  "https://raw.githubusercontent.com/jmnwong/NSL-KDD-Dataset/9d544d0eb9b87d7e2f43ff65733bdb644631d12f",
];

const UNSW_NB15 = [
  "https://raw.githubusercontent.com/Nir-J/ML-Projects/44bbd02b9e70f74dd915218d5eb702f125341ffc/UNSW-Network_Packet_Classification",
  "https://huggingface.co/datasets/Mouwiya/UNSW-NB15-small/resolve/6f5f54594dfc80c84264aec4c7cc3d9b162f1e2f",
];

export const PUBLIC_DATASETS: readonly PublicDataset[] = [
  {
    name: "unsw-nb15",
    title: "UNSW-NB15, the training and test sets that its authors drew from it",
    page: "https://research.unsw.edu.au/projects/unsw-nb15-dataset",
    terms:
      "free for academic research that cites the authors' papers; commercial use is to be agreed with them",
    citation:
      "N. Moustafa, J. Slay: UNSW-NB15: a comprehensive data set for network intrusion detection systems. MilCIS 2015. doi:10.1109/MilCIS.2015.7348942",
    training: {
      name: "UNSW_NB15_training-set.csv",
      bytes: 32_293_018,
      sha256: "bec7dd5ec88dc2a0ccc7a07879d338395ed7421750f675fd0339e07dfe0648fa",
      flows: 175_341,
      sources: within(UNSW_NB15, "UNSW_NB15_training-set.csv"),
    },
    test: {
      name: "UNSW_NB15_testing-set.csv",
      bytes: 15_380_800,
      sha256: "734fe6642edf758f7c94d7d9149426b49d202fe8e7bf0bef47392489c3c0a559",
      flows: 82_332,
      sources: within(UNSW_NB15, "UNSW_NB15_testing-set.csv"),
    },
  },
  {
    name: "nsl-kdd",
    title: "NSL-KDD, the connections of KDD Cup 1999 without repetitions",
    page: "https://www.unb.ca/cic/datasets/nsl.html",
    terms: "no licence comes with the files; cite the paper",
    citation:
      "M. Tavallaee, E. Bagheri, W. Lu, A. Ghorbani: A detailed analysis of the KDD CUP 99 data set. CISDA 2009. doi:10.1109/CISDA.2009.5356528",
    training: {
      name: "KDDTrain+.txt",
      bytes: 19_109_424,
      sha256: "1b86d2f957b33082081bba410fe129b475efebcc13c9014c3f447c8271aadf95",
      flows: 125_973,
      sources: within(NSL_KDD, "KDDTrain+.txt"),
    },
    test: {
      name: "KDDTest+.txt",
      bytes: 3_441_513,
      sha256: "fa46b0935342616aa83b7c2578db355b6a7aaabbc492248172c7a1e8b7ab8f84",
      flows: 22_544,
      sources: within(NSL_KDD, "KDDTest+.txt"),
    },
  },
];

/** A file's addresses in folders of the web. */
export function within(folders: readonly string[], name: string): string[] {
  return folders.map((folder) => `${folder.replace(/\/+$/, "")}/${encodeURIComponent(name)}`);
}
